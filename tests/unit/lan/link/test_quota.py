from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.errors import LayerError, LimitReached
from lanchat.journal import Journal, Retention
from lanchat.lan.link.quota import ROW, Quota
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import Event
from lanchat.rooms import RetentionTask, Room
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import HERE, THERE, event, record


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        yield journal


class Told:
    """The owner."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    async def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)


async def mirror(journal: Journal, room: str) -> Room:
    kept = record(room, home=THERE)
    await journal.put_room(kept)
    return mirror_of(kept, HERE, journal, InMemoryChannelLayer())


def events(room: str, first: int, last: int, text: str = "x") -> list[Event]:
    return [event(seq, text, room=room) for seq in range(first, last + 1)]


async def test_a_mirror_has_so_many_rows_and_keeps_them(journal: Journal) -> None:
    told = Told()
    quota, room = Quota(Limits(mirror_rows=10), journal, told), await mirror(journal, "m1")
    quota.add(room)
    await quota.begin(room)
    quota.check(room)
    await quota.take(room, events("m1", 1, 10))
    await journal.mirror("m1", events("m1", 1, 10))
    for _ in range(3):
        with pytest.raises(LimitReached, match="What is here stays"):
            await quota.take(room, events("m1", 11, 11))
    assert quota.full(room)
    assert (
        [sentence for sentence in told.sentences if "mirror_rows" in sentence] == told.sentences[:1] == told.sentences
    )
    with pytest.raises(LimitReached):
        quota.check(room)
    await journal.retain("m1", Retention(count=5))
    quota.check(room)
    await quota.take(room, events("m1", 11, 11))


async def test_a_mirror_has_so_many_bytes_also_those_of_before(journal: Journal) -> None:
    room = await mirror(journal, "m1")
    await journal.mirror("m1", events("m1", 1, 4, "x" * 2000))
    assert await journal.size("m1") > 4 * 2000
    quota = Quota(Limits(mirror_bytes=4 * (2000 + ROW) + 1000), journal, Told())
    quota.add(room)
    await quota.begin(room)
    await quota.take(room, events("m1", 5, 5))
    with pytest.raises(LimitReached):
        await quota.take(room, events("m1", 6, 6, "é" * 500))


@pytest.mark.parametrize("few", [Limits(home_rows=10), Limits(home_bytes=10 * (ROW + 1))])
async def test_all_mirrors_of_one_home_have_so_much_together(journal: Journal, few: Limits) -> None:
    quota = Quota(few, journal, Told())
    one, two = await mirror(journal, "m1"), await mirror(journal, "m2")
    for room in (one, two):
        quota.add(room)
        await quota.begin(room)
    await quota.take(one, events("m1", 1, 6))
    await journal.mirror("m1", events("m1", 1, 6))
    await quota.take(two, events("m2", 1, 4))
    await journal.mirror("m2", events("m2", 1, 4))
    with pytest.raises(LimitReached):
        await quota.take(two, events("m2", 5, 5))
    quota.remove(one)
    await quota.take(two, events("m2", 5, 5))


async def test_what_goes_by_its_age_makes_room(journal: Journal) -> None:
    quota, room = Quota(Limits(mirror_rows=10, mirror_days=30), journal, Told()), await mirror(journal, "m1")
    quota.add(room)
    await quota.take(room, events("m1", 1, 10))
    await journal.mirror("m1", events("m1", 1, 10))
    with pytest.raises(LimitReached, match="mirror_days"):
        await quota.take(room, events("m1", 11, 11))
    await RetentionTask(journal, days=0, messages=0, mirror_days=30, here=HERE.id).tidy()  # they are of 1970
    assert not quota.full(room)
    await quota.take(room, events("m1", 11, 11))


async def test_an_owner_who_cannot_be_told_changes_nothing(journal: Journal) -> None:
    async def nobody(sentence: str) -> None:
        raise LayerError

    quota, room = Quota(Limits(mirror_rows=1), journal, nobody), await mirror(journal, "m1")
    quota.add(room)
    with pytest.raises(LimitReached):
        await quota.take(room, events("m1", 1, 2))
