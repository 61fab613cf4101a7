"""The doors of a node, on a real database: what follows from rules, and what is there after a start."""

import pytest

from lanchat.errors import NeedsInvitation, NeedsPassphrase, NoSuchRoom, WrongPassphrase
from lanchat.journal import DoorRecord, Journal
from lanchat.protocol import Rule
from lanchat.rooms.door.doorway import Comer
from lanchat.rooms.door.keeper import Doorkeeper
from lanchat.rooms.door.passphrase import Exchange
from tests.support.rooms.doors import WORDS, said
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
    return await journal.doors.record(ROOM)


async def test_what_was_granted_is_there_after_a_start(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.grant(ROOM, ADA)
    await keeper.set_passphrase(ROOM, WORDS)
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
    keeper.note(ADA)
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
    await keeper.set_passphrase(ROOM, WORDS)
    keeper.take(ROOM, said(Rule(change="door", door="invite"), 1, OWNER), home=True)
    with pytest.raises(NeedsInvitation):
        await keeper.enter_by_passphrase(ROOM, ADA, WORDS)
    with pytest.raises(NeedsInvitation):
        await keeper.knock(ROOM, ADA, "0" * 66, NODE)


async def test_a_proof_lets_in(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.set_passphrase(ROOM, WORDS)
    client = Exchange(await keeper.derive(ROOM, WORDS), ROOM, NODE, client=True)
    node = await keeper.knock(ROOM, ADA, client.share, NODE)
    client.take(node.share)
    client.check(await keeper.confirm(ROOM, ADA, node, client.tag))
    assert (await kept_of(journal)).passes == {ADA.id}


async def test_a_wrong_proof_lets_nobody_in(keeper: Doorkeeper, journal: Journal) -> None:
    await keeper.set_passphrase(ROOM, WORDS)
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
