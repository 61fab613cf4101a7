"""A mirror that nobody here enters gets no more after a while, and goes on when somebody does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.errors import LimitReached
from lanchat.journal import Journal
from lanchat.lan.link.quota import Quota
from lanchat.lan.link.visits import SETTING, Visits
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import Event
from lanchat.rooms import Room
from tests.support.clock import Clock
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import ADA, HERE, THERE, event, record

DAY = 86_400.0


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        yield journal


@pytest.fixture
async def room(journal: Journal) -> Room:
    kept = record("m1", home=THERE)
    await journal.put_room(kept)
    return mirror_of(kept, HERE, journal, InMemoryChannelLayer())


async def test_a_mirror_without_visitors_rests_until_somebody_comes(journal: Journal, room: Room, clock: Clock) -> None:
    visits = Visits(journal, 30)
    await visits.note(room)
    clock.advance(30 * DAY)
    await visits.note(room)
    clock.advance(DAY)
    with pytest.raises(LimitReached, match="idle_days"):
        await visits.note(room)
    with pytest.raises(LimitReached):
        visits.check(room)
    await room.presence.enter("session", ADA)
    visits.check(room)
    await visits.note(room)
    await room.presence.leave("session")
    clock.advance(30 * DAY)
    await visits.note(room)


async def test_a_restart_changes_nothing(journal: Journal, room: Room, clock: Clock) -> None:
    await Visits(journal, 30).note(room)
    clock.advance(31 * DAY)
    again = Visits(journal, 30)
    again.check(room)  # not known yet: the first connection finds it out
    with pytest.raises(LimitReached):
        await again.note(room)


async def test_what_is_kept_names_no_forgotten_room_after_the_next_note(
    journal: Journal, room: Room, clock: Clock
) -> None:
    visits = Visits(journal, 30)
    other = mirror_of(record("m2", home=THERE), HERE, journal, InMemoryChannelLayer())
    await visits.note(room)
    await visits.note(other)
    visits.forget(room)
    clock.advance(DAY)
    await other.presence.enter("session", ADA)
    await visits.note(other)
    assert "m1" not in (await journal.settings())[SETTING]


async def test_a_broken_setting_counts_as_none(journal: Journal, room: Room) -> None:
    await journal.put_setting(SETTING, "[broken")
    await Visits(journal, 30).note(room)
    assert '"m1"' in (await journal.settings())[SETTING]


async def test_it_is_part_of_the_quota(journal: Journal, room: Room, clock: Clock) -> None:
    async def tell(_: str) -> None: ...

    quota = Quota(Limits(idle_days=30), journal, tell)
    quota.add(room)
    await quota.begin(room)
    clock.advance(31 * DAY)
    with pytest.raises(LimitReached):
        await quota.take(room, [event(1, room="m1")])
    with pytest.raises(LimitReached):
        quota.check(room)
    assert not quota.full(room)
