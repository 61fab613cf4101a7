"""Invitations as they are made, found and taken back: by hashes, at the home and at a mirror."""

import pytest

from lanchat.errors import InvalidInvitation, LimitReached, NotModerator, RoomLocked, Unreachable
from lanchat.identity import Owner
from lanchat.journal import Journal
from lanchat.limits import Limits
from lanchat.protocol import Rule, proof_of, ticket_of
from lanchat.rooms import Doorway
from lanchat.rooms.door import tickets
from tests.support.identity import SEAL, key
from tests.support.rooms.doors import Hall, said


@pytest.fixture
async def owner(journal: Journal) -> Owner:
    return await Owner.load(journal, key(1), given="Ada", default="")


@pytest.fixture
def hall() -> Hall:
    return Hall(SEAL.id)


async def test_the_code_is_random_and_only_a_hash_of_a_hash_is_said(hall: Hall, owner: Owner) -> None:
    made = [await tickets.issue(hall, owner, single=True, seconds=60) for _ in range(3)]
    codes = [code for _, code in made]
    assert len(set(codes)) == 3
    assert all(len(code) == 22 for code in codes)
    texts = " ".join(each.body.text for each in hall.said)
    assert not any(code in texts or proof_of(code) in texts for code in codes)
    assert all(ticket_of(proof_of(code)) in texts for code in codes)


async def test_what_stands_is_listed_with_its_maker_the_last_to_end_first(hall: Hall, owner: Owner) -> None:
    short, _ = await tickets.issue(hall, owner, single=True, seconds=60)
    long, code = await tickets.issue(hall, owner, single=False, seconds=600)
    assert tickets.standing(hall) == [long, short]
    assert (long.by, long.single, short.single) == (SEAL.id, False, True)
    assert long.until - short.until in range(539_000, 541_001)
    known, proof = tickets.found(hall, code)
    assert (known.ticket[:12], proof) == (long.id, proof_of(code))


@pytest.mark.parametrize("by_code", [True, False])
async def test_one_that_is_taken_back_is_not_valid_any_more(hall: Hall, owner: Owner, by_code: bool) -> None:
    ticket, code = await tickets.issue(hall, owner, single=False, seconds=60)
    _, other = await tickets.issue(hall, owner, single=False, seconds=60)
    await tickets.revoke(hall, owner, code if by_code else ticket.id)
    with pytest.raises(InvalidInvitation):
        tickets.found(hall, code)
    tickets.found(hall, other)


async def test_nobody_takes_back_what_somebody_else_made(owner: Owner) -> None:
    hall = Hall("b" * 43)
    hall.door.take(said(Rule(change="invite", ticket="0a" * 32, seconds=60), 1, "c" * 43, at=2**52))
    with pytest.raises(NotModerator):
        await tickets.revoke(hall, owner, "0a" * 6)


async def test_one_that_has_ended_lets_nobody_in_by_the_clock_of_the_home(hall: Hall, owner: Owner) -> None:
    hall.now = 1_000
    with pytest.raises(InvalidInvitation):
        hall.door.policy.check(SEAL.id, Rule(change="revoke", ticket="0a" * 32), 0)
    _, code = await tickets.issue(hall, owner, single=False, seconds=60)
    assert tickets.standing(hall) == []
    with pytest.raises(InvalidInvitation):
        tickets.found(hall, code)
    hall.kind = "mirror"  # whose clock may be another one: the home decides
    tickets.found(hall, code)


@pytest.mark.parametrize("code", ["", "%", "_" * 12, "0" * 12, "\ud800", "x" * 200])
async def test_what_is_no_code_lets_nobody_in_and_takes_nothing_back(hall: Hall, owner: Owner, code: str) -> None:
    await tickets.issue(hall, owner, single=True, seconds=60)
    with pytest.raises(InvalidInvitation):
        tickets.found(hall, code)
    with pytest.raises(InvalidInvitation):
        await tickets.revoke(hall, owner, code)
    assert len(tickets.standing(hall)) == 1


async def test_without_the_home_nobody_knows_whether_one_stands(hall: Hall, owner: Owner) -> None:
    _, code = await tickets.issue(hall, owner, single=True, seconds=60)
    hall.kind, hall.online = "mirror", False
    for shown in (code, "unknown"):
        with pytest.raises(Unreachable, match="Desk"):
            tickets.found(hall, shown)
    with pytest.raises(Unreachable):
        await tickets.issue(hall, owner, single=True, seconds=60)
    with pytest.raises(Unreachable):
        await tickets.revoke(hall, owner, code)


async def test_so_many_stand_and_no_more(hall: Hall, owner: Owner) -> None:
    hall.door = Doorway(SEAL.id, limits=Limits(invitations=3))
    for _ in range(3):
        await tickets.issue(hall, owner, single=True, seconds=60)
    with pytest.raises(LimitReached):
        await tickets.issue(hall, owner, single=True, seconds=60)


@pytest.mark.parametrize("moderates", [True, False])
async def test_who_was_asked_to_come_is_let_in_for_good(owner: Owner, moderates: bool) -> None:
    hall = Hall(SEAL.id if moderates else "b" * 43)
    hall.door.take(said(Rule(change="door", door="invite"), 1, hall.door.policy.owner))
    await tickets.admit(hall, owner, "g-1")
    assert hall.door.policy.admitted == {"g-1"}
    assert hall.door.policy.invitations == ()
    assert len(hall.said) == (1 if moderates else 2)
    hall.door.take(said(Rule(change="locked"), hall.door.seq + 1, hall.door.policy.owner))
    if moderates:
        await tickets.admit(hall, owner, "g-2")
    else:
        with pytest.raises(RoomLocked):
            await tickets.admit(hall, owner, "g-2")
