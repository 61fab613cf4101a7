from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.errors import LimitReached
from lanchat.journal import Journal, Retention, weight
from lanchat.lan.link.quota import Quota
from lanchat.layers import InMemoryChannelLayer, LayerError
from lanchat.limits import Limits
from lanchat.protocol import Event
from lanchat.rooms import RetentionTask, Room
from tests.support.clock import Clock
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
    before = events("m1", 1, 4, "x" * 2000)
    await journal.mirror("m1", before)
    (more,) = events("m1", 5, 5)
    quota = Quota(Limits(mirror_bytes=sum(map(weight, before)) + weight(more)), journal, Told())
    quota.add(room)
    await quota.begin(room)
    await quota.take(room, [more])
    await journal.mirror("m1", [more])
    with pytest.raises(LimitReached):
        await quota.take(room, events("m1", 6, 6))


async def test_a_connection_that_begins_again_forgets_nothing(journal: Journal) -> None:
    room = await mirror(journal, "m1")
    quota = Quota(Limits(mirror_bytes=sum(map(weight, events("m1", 1, 9)))), journal, Told())
    quota.add(room)
    for seq in range(1, 10):
        await quota.begin(room)
        await quota.take(room, events("m1", seq, seq))
        await journal.mirror("m1", events("m1", seq, seq))
    with pytest.raises(LimitReached):
        await quota.take(room, events("m1", 10, 10))


async def test_what_was_removed_makes_space(journal: Journal) -> None:
    room = await mirror(journal, "m1")
    quota = Quota(Limits(mirror_bytes=sum(map(weight, events("m1", 1, 4)))), journal, Told())
    quota.add(room)
    await quota.begin(room)
    await quota.take(room, events("m1", 1, 4))
    await journal.mirror("m1", events("m1", 1, 4))
    await journal.retain("m1", Retention(count=2))
    await quota.take(room, events("m1", 5, 5))


async def test_what_other_mirrors_of_the_home_have_counts_before_they_are_linked(journal: Journal) -> None:
    one, two = await mirror(journal, "m1"), await mirror(journal, "m2")
    await journal.mirror("m2", events("m2", 1, 9))
    quota = Quota(Limits(home_bytes=sum(map(weight, events("m2", 1, 9)))), journal, Told())
    for room in (one, two):
        quota.add(room)
    await quota.begin(one)
    with pytest.raises(LimitReached):
        await quota.take(one, events("m1", 1, 1))


@pytest.mark.parametrize("few", [Limits(home_rows=10), Limits(home_bytes=sum(map(weight, events("m1", 1, 10))))])
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


async def test_what_goes_by_its_age_makes_room(journal: Journal, clock: Clock) -> None:
    quota, room = Quota(Limits(mirror_rows=10, mirror_days=30), journal, Told()), await mirror(journal, "m1")
    quota.add(room)
    await quota.take(room, events("m1", 1, 10))
    await journal.mirror("m1", events("m1", 1, 10))
    with pytest.raises(LimitReached, match="mirror_days"):
        await quota.take(room, events("m1", 11, 11))
    keeper = RetentionTask(journal, "here", days=0, messages=0, mirror_days=30)
    await keeper.tidy()
    clock.advance(31 * 86_400)
    await keeper.tidy()
    assert not quota.full(room)
    await quota.take(room, events("m1", 11, 11))


async def test_an_owner_who_cannot_be_told_changes_nothing(journal: Journal) -> None:
    async def nobody(sentence: str) -> None:
        raise LayerError

    quota, room = Quota(Limits(mirror_rows=1), journal, nobody), await mirror(journal, "m1")
    quota.add(room)
    with pytest.raises(LimitReached):
        await quota.take(room, events("m1", 1, 2))
