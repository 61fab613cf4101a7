"""The doors of a node, on a real database: what follows from rules, and what is there after a start."""

import asyncio

import pytest

from lanchat.errors import (
    InvalidInvitation,
    LimitReached,
    NeedsInvitation,
    NeedsPassphrase,
    NoSuchRoom,
    WrongPassphrase,
)
from lanchat.identity import Owner
from lanchat.journal import DoorRecord, Journal
from lanchat.protocol import Rule
from lanchat.rooms.door import keeper as module
from lanchat.rooms.door import tickets
from lanchat.rooms.door.doorway import Comer
from lanchat.rooms.door.keeper import Doorkeeper
from lanchat.rooms.door.passphrase import Exchange
from tests.support.identity import SEAL, key
from tests.support.rooms.doors import WORDS, Hall, said
from tests.support.rooms.said import record

OWNER, ADA = "o" * 43, Comer("g-" + "a" * 32, "192.0.2.1")
ROOM, NODE = "1" * 32, "f" * 32
WANTED = Rule(change="door", door="passphrase")


@pytest.fixture
async def keeper(journal: Journal) -> Doorkeeper:
    return await keeper_of(journal)


async def keeper_of(journal: Journal) -> Doorkeeper:
    """The doors as they are after a start."""
    keeper = Doorkeeper(journal.doors, OWNER)
    room = record(ROOM, owner=OWNER)
    await journal.put_room(room)
    keeper.add(room)
    await keeper.restore(room)
    return keeper


async def kept_of(journal: Journal) -> DoorRecord:
    """What is kept of the door, once everything that was begun is."""
    await journal.put_setting("after", "that")
    ((_, kept),) = await journal.doors.kept([ROOM])
    return kept


async def test_what_was_granted_is_there_after_a_start(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.grant(ROOM, ADA)
    await keeper.put_key(ROOM, await keeper.derive(ROOM, WORDS))
    await journal.doors.keep_rules(ROOM, [said(WANTED, 1, OWNER)])
    door = (await keeper_of(journal)).get(ROOM)
    assert door is not None
    assert (door.passes, door.policy.door, door.seq, len(door.key)) == ({ADA.id}, "passphrase", 1, 32)


async def test_a_new_passphrase_takes_all_passes_back(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.grant(ROOM, ADA)
    await keeper.put_key(ROOM, b"k" * 32)
    assert keeper.take(ROOM, said(WANTED, 1, OWNER), home=True) == WANTED
    kept = await kept_of(journal)
    assert (kept.passes, kept.key) == (set(), b"k" * 32)


async def test_a_mirror_forgets_the_former_passphrase(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.put_key(ROOM, b"k" * 32)
    keeper.take(ROOM, said(WANTED, 1, OWNER), home=False)
    assert (await kept_of(journal)).key == b""
    with pytest.raises(NeedsPassphrase, match="itself"):
        await keeper.enter_by_passphrase(ROOM, ADA, WORDS)


async def test_a_ban_takes_the_pass_and_bars_the_address_until_it_is_lifted(
    keeper: Doorkeeper, journal: Journal
) -> None:
    await keeper.grant(ROOM, ADA)
    await keeper.came_in(ROOM, ADA)
    keeper.take(ROOM, said(Rule(change="ban", person=ADA.id, address=True), 1, OWNER), home=True)
    kept = await kept_of(journal)
    assert (kept.passes, kept.barred) == (set(), {(ADA.address, ADA.id)})
    keeper.take(ROOM, said(Rule(change="ban", person=ADA.id, on=False), 2, OWNER), home=True)
    assert (await kept_of(journal)).barred == set()


async def test_a_rule_is_followed_once_and_only_when_it_holds(keeper: Doorkeeper) -> None:
    locked = said(Rule(change="locked"), 3, OWNER)
    assert keeper.take(ROOM, locked, home=True) is not None
    assert keeper.take(ROOM, locked, home=True) is None
    assert keeper.take(ROOM, said(Rule(change="locked", on=False), 2, OWNER), home=True) is None
    assert keeper.take(ROOM, said(Rule(change="locked", on=False), 4, "b" * 43), home=True) is None
    door = keeper.get(ROOM)
    assert door is not None
    assert door.policy.locked


async def test_rules_that_a_home_tells_are_kept_and_followed(keeper: Doorkeeper, journal: Journal) -> None:
    room = record(ROOM, owner=OWNER)
    await keeper.put_key(ROOM, b"k" * 32)
    await keeper.learn(room, [said(WANTED, 1, OWNER)])
    door = keeper.get(ROOM)
    assert door is not None
    assert (door.policy.door, door.key) == ("passphrase", b"k" * 32)
    await keeper.learn(room, [said(Rule(change="locked"), 5, OWNER), said(WANTED, 9, OWNER)])
    assert (door.policy.locked, door.seq, door.key) == (True, 9, b"")
    assert [event.seq for event in (await keeper.rules(ROOM, 1))[0]] == [5, 9]
    assert (await kept_of(journal)).key == b""


async def test_a_room_by_invitation_takes_no_passphrase(keeper: Doorkeeper) -> None:
    await keeper.put_key(ROOM, await keeper.derive(ROOM, WORDS))
    keeper.take(ROOM, said(Rule(change="door", door="invite"), 1, OWNER), home=True)
    with pytest.raises(NeedsInvitation):
        await keeper.enter_by_passphrase(ROOM, ADA, WORDS)
    with pytest.raises(NeedsInvitation):
        await keeper.knock(ROOM, ADA, "0" * 66, NODE)


async def test_a_proof_lets_in(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.put_key(ROOM, await keeper.derive(ROOM, WORDS))
    client = Exchange(await keeper.derive(ROOM, WORDS), ROOM, NODE, client=True)
    node = await keeper.knock(ROOM, ADA, client.share, NODE)
    client.take(node.share)
    client.check(await keeper.confirm(ROOM, ADA, node, client.tag))
    assert (await kept_of(journal)).passes == {ADA.id}


async def test_a_wrong_proof_lets_nobody_in(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.put_key(ROOM, await keeper.derive(ROOM, WORDS))
    client = Exchange(b"x" * 32, ROOM, NODE, client=True)
    node = await keeper.knock(ROOM, ADA, client.share, NODE)
    client.take(node.share)
    with pytest.raises(WrongPassphrase):
        await keeper.confirm(ROOM, ADA, node, client.tag)
    assert (await kept_of(journal)).passes == set()


async def test_a_room_that_is_gone_has_no_door(keeper: Doorkeeper) -> None:
    keeper.forget(ROOM)
    assert keeper.get(ROOM) is None
    with pytest.raises(NoSuchRoom):
        await keeper.grant(ROOM, ADA)


async def test_who_is_in_a_room_that_is_in_no_list_sees_it(keeper: Doorkeeper) -> None:
    await keeper.grant(ROOM, ADA)
    assert keeper.unlisted_of(ADA.id) == set()
    keeper.take(ROOM, said(Rule(change="listed", on=False), 1, OWNER), home=True)
    assert keeper.unlisted_of(ADA.id) == {ROOM}
    assert keeper.unlisted_of("somebody else") == set()


# Invitations ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def owner(journal: Journal) -> Owner:
    return await Owner.load(journal, key(1), given="Ada", default="")


@pytest.fixture
async def hall(journal: Journal) -> tuple[Hall, Doorkeeper]:
    keeper = Doorkeeper(journal.doors, SEAL.id)
    room = record(ROOM, owner=SEAL.id)
    await journal.put_room(room)
    hall = Hall(SEAL.id)
    hall.door = keeper.add(room)
    hall.door.take(said(Rule(change="door", door="invite"), 1, SEAL.id))
    return hall, keeper


async def test_whom_a_single_invitation_lets_in_is_said_in_the_room(
    hall: tuple[Hall, Doorkeeper], owner: Owner, journal: Journal
) -> None:
    room, keeper = hall
    _, code = await tickets.issue(room, owner, single=True, seconds=60)
    await keeper.enter_by_invitation(room, owner, ADA, code)
    assert room.door.policy.admitted == {ADA.id}
    assert (await kept_of(journal)).passes == set()
    await keeper.enter_by_invitation(room, owner, ADA, code)  # who is in needs none
    with pytest.raises(InvalidInvitation):
        await keeper.enter_by_invitation(room, owner, Comer("eve"), code)


async def test_one_for_many_gives_guests_a_pass_of_this_node_and_people_a_right_everywhere(
    hall: tuple[Hall, Doorkeeper], owner: Owner, journal: Journal
) -> None:
    room, keeper = hall
    _, code = await tickets.issue(room, owner, single=False, seconds=60)
    await keeper.enter_by_invitation(room, owner, ADA, code)
    await keeper.enter_by_invitation(room, owner, Comer(NODE, person="b" * 43, guest=False), code)
    assert (await kept_of(journal)).passes == {ADA.id}
    assert room.door.policy.admitted == {"b" * 43}


async def test_of_two_who_come_at_once_by_a_single_one_the_room_lets_in_one(
    hall: tuple[Hall, Doorkeeper], owner: Owner
) -> None:
    room, keeper = hall
    _, code = await tickets.issue(room, owner, single=True, seconds=60)
    room.kind = "mirror"
    come = (keeper.enter_by_invitation(room, owner, Comer(guest), code) for guest in ("g-1", "g-2"))
    results = await asyncio.gather(*come, return_exceptions=True)
    assert [type(each) for each in results if each is not None] == [InvalidInvitation]
    assert len(room.door.policy.admitted) == 1


async def test_the_person_of_another_node_who_is_inside_is_let_in_for_good(
    hall: tuple[Hall, Doorkeeper], owner: Owner, journal: Journal
) -> None:
    room, keeper = hall
    far = Comer(NODE, "192.0.2.7", "b" * 43, guest=False)
    await keeper.stay(room, owner, far)
    await keeper.stay(room, owner, far)
    await keeper.stay(room, owner, ADA)
    assert room.door.policy.admitted == {"b" * 43}
    assert (await kept_of(journal)).passes == {NODE, ADA.id}
    assert len(room.said) == 1


async def test_passes_are_bounded_and_who_is_in_an_unlisted_room_stays_all_the_same(
    keeper: Doorkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PASSES", 1)
    keeper.take(ROOM, said(Rule(change="listed", on=False), 1, OWNER), home=True)
    await keeper.came_in(ROOM, ADA)
    await keeper.came_in(ROOM, Comer("bob"))
    door = keeper.get(ROOM)
    assert door is not None
    assert door.passes == {ADA.id}
    with pytest.raises(LimitReached):
        await keeper.grant(ROOM, Comer("bob"))


async def test_a_door_that_closes_anew_takes_passes_back(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.grant(ROOM, ADA)
    keeper.take(ROOM, said(Rule(change="door", door="invite"), 1, OWNER), home=True)
    assert (await kept_of(journal)).passes == set()
    await keeper.grant(ROOM, ADA)
    keeper.take(ROOM, said(Rule(change="door", door="invite"), 2, OWNER), home=True)
    assert (await kept_of(journal)).passes == {ADA.id}


# Rules that may be missing --------------------------------------------------------------------------------------------


async def test_after_damage_rules_hold_on_and_all_are_learned_anew(journal: Journal) -> None:
    room = record(ROOM, owner=OWNER)
    await journal.put_room(room)
    lock, unlock, slow = Rule(change="locked"), Rule(change="locked", on=False), Rule(change="slow", seconds=5)
    await journal.doors.keep_rules(ROOM, [said(lock, 1, OWNER), said(slow, 3, OWNER)])
    journal.doors.doubtful = True
    keeper = Doorkeeper(journal.doors, OWNER)
    door = keeper.add(room)
    await keeper.load([room])
    assert (door.policy.locked, door.policy.slow, door.seq) == (True, 5, 0)
    await keeper.learn(room, [said(lock, 1, OWNER)])
    await keeper.learn(room, [said(unlock, 2, OWNER)])  # the one that was lost, on a page of its own
    assert (door.policy.locked, door.policy.slow, door.seq) == (False, 5, 3)
