"""Invitations on a real database: once, for a time, for one room, until they are taken back."""

import pytest

from lanchat.errors import InvalidInvitation, LimitReached, NoSuchRoom
from lanchat.journal import Journal
from lanchat.limits import Limits
from lanchat.rooms.door import tickets as module
from lanchat.rooms.door.tickets import TicketOffice
from tests.support.rooms.said import record


@pytest.fixture
async def tickets(journal: Journal) -> TicketOffice:
    for room in ("r1", "r2"):
        await journal.put_room(record(room))
    return TicketOffice(journal.doors, Limits(invitations=3))


async def test_a_single_invitation_works_once_and_in_its_room(tickets: TicketOffice, journal: Journal) -> None:
    _, code = await tickets.issue("r1", single=True, seconds=60)
    with pytest.raises(InvalidInvitation):
        await tickets.redeem("r2", code, "ada")
    await tickets.redeem("r1", code, "ada")
    with pytest.raises(InvalidInvitation):
        await tickets.redeem("r1", code, "eve")
    assert (await journal.doors.record("r1")).passes == {"ada"}
    assert await tickets.standing("r1") == []


async def test_an_invitation_for_many_works_until_its_time_is_over(
    tickets: TicketOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000
    monkeypatch.setattr(module, "_now", lambda: now)
    ticket, code = await tickets.issue("r1", single=False, seconds=60)
    assert ticket.until == now + 60_000
    for holder in ("ada", "bob"):
        await tickets.redeem("r1", code, holder)
    monkeypatch.setattr(module, "_now", lambda: ticket.until)
    with pytest.raises(InvalidInvitation):
        await tickets.redeem("r1", code, "eve")
    assert await tickets.standing("r1") == []


async def test_the_code_is_random_and_only_its_hash_is_kept(tickets: TicketOffice, journal: Journal) -> None:
    made = [await tickets.issue("r1", single=True, seconds=60) for _ in range(3)]
    codes = [code for _, code in made]
    assert len(set(codes)) == 3
    assert all(len(code) == 22 for code in codes)
    kept = journal.path.read_bytes() + journal.path.with_name(journal.path.name + "-wal").read_bytes()
    assert not any(code.encode() in kept for code in codes)


@pytest.mark.parametrize("by_code", [True, False])
async def test_one_that_is_taken_back_is_not_valid_any_more(tickets: TicketOffice, by_code: bool) -> None:
    ticket, code = await tickets.issue("r1", single=False, seconds=60)
    _, other = await tickets.issue("r1", single=False, seconds=60)
    with pytest.raises(InvalidInvitation):
        await tickets.revoke("r2", code if by_code else ticket.id)
    await tickets.revoke("r1", code if by_code else ticket.id)
    with pytest.raises(InvalidInvitation):
        await tickets.redeem("r1", code, "eve")
    await tickets.redeem("r1", other, "ada")


@pytest.mark.parametrize("code", ["", "%", "_" * 12, "0" * 12, "\ud800", "x" * 200])
async def test_what_is_no_code_lets_nobody_in_and_takes_nothing_back(tickets: TicketOffice, code: str) -> None:
    await tickets.issue("r1", single=True, seconds=60)
    for doing in (tickets.redeem("r1", code, "eve"), tickets.revoke("r1", code)):
        with pytest.raises(InvalidInvitation):
            await doing
    assert len(await tickets.standing("r1")) == 1


async def test_so_many_stand_and_no_more(tickets: TicketOffice) -> None:
    for _ in range(3):
        await tickets.issue("r1", single=True, seconds=60)
    with pytest.raises(LimitReached):
        await tickets.issue("r1", single=True, seconds=60)
    await tickets.issue("r2", single=True, seconds=60)


async def test_there_are_none_into_a_room_that_is_gone(tickets: TicketOffice, journal: Journal) -> None:
    _, code = await tickets.issue("r1", single=True, seconds=60)
    await journal.delete_room("r1")
    with pytest.raises(NoSuchRoom):
        await tickets.issue("r1", single=True, seconds=60)
    with pytest.raises(InvalidInvitation):
        await tickets.redeem("r1", code, "eve")
