"""What goes over the connection when a node comes into a room, and homes that answer wrongly."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from lanchat.errors import InvalidFrame, InvalidSignature, LimitReached, NeedsPassphrase, NoSuchRoom, WrongPassphrase
from lanchat.journal import Journal
from lanchat.lan.link.entry import come_in, knock, learn
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import (
    Command,
    Confirm,
    Confirmed,
    Done,
    Enter,
    Event,
    Knock,
    Knocked,
    NodeInfo,
    Passphrase,
    Rule,
    Ruled,
    Rules,
    Welcome,
    encode,
    room_id,
)
from lanchat.rooms import Doorkeeper, Exchange, Room
from tests.support.identity import OTHER_SEAL, SEAL
from tests.support.rooms.doors import said
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import ADA, HERE, record

NODE = NodeInfo(id="f" * 32, name="home")
FINGERPRINT = "f" * 64
"""SHA-256 of the home's certificate."""
OWNER, SALT = SEAL.id, "5" * 32
ROOM = room_id(OWNER, SALT)
KEY = b"k" * 32


class Home:
    """The home's side of a connection, and everything that passed."""

    def __init__(self, answer: Callable[[Command], Awaitable[Any]]) -> None:
        self.welcome = Welcome(version=2, node=NODE, you=ADA, heartbeat=10, silence=25, max_text=4000)
        self.fingerprint = FINGERPRINT
        self.passed: list[bytes] = []
        self._answer = answer

    async def ask(self, command: Command, answer: type[Any]) -> Any:
        reply = await self._answer(command)
        self.passed += [encode(command), encode(reply)]
        assert isinstance(reply, answer)
        return reply


@pytest.fixture
async def doors(journal: Journal) -> Doorkeeper:
    return Doorkeeper(journal.doors, "b" * 43)


@pytest.fixture
async def room(journal: Journal, layer: InMemoryChannelLayer, doors: Doorkeeper) -> AsyncIterator[Room]:
    kept = record(ROOM, home=NODE)
    await journal.put_room(kept)
    room = mirror_of(kept, HERE, journal, layer)
    room.door = doors.add(kept)
    yield room
    await room.close()


def proving(key: bytes, *, tag: str = "", fingerprint: str = FINGERPRINT) -> Callable[[Command], Awaitable[Any]]:
    """A home that knows `key`; with `tag` it shows that instead of its own, and `fingerprint` is its certificate's."""
    exchange = Exchange(key, ROOM, fingerprint, client=False)

    async def answer(command: Command) -> Any:
        if isinstance(command, Knock):
            exchange.take(command.share)
            return Knocked(room=ROOM, share=exchange.share)
        assert isinstance(command, Confirm)
        if not tag:
            exchange.check(command.tag)
        return Confirmed(room=ROOM, tag=tag or exchange.tag)

    return answer


def telling(*answers: Ruled) -> Callable[[Command], Awaitable[Any]]:
    left = list(answers)

    async def answer(command: Command) -> Any:
        assert isinstance(command, Rules)
        return left.pop(0)

    return answer


async def test_neither_the_passphrase_nor_what_it_was_made_into_passes(room: Room) -> None:
    home = Home(proving(KEY))
    await knock(home, room, KEY, "")  # type: ignore[arg-type]
    assert len(home.passed) == 4
    assert not any(KEY in each or KEY.hex().encode() in each for each in home.passed)


async def test_a_home_that_does_not_know_the_passphrase_is_found_out(room: Room) -> None:
    for home in (Home(proving(b"x" * 32)), Home(proving(KEY, tag="0" * 64))):
        with pytest.raises(WrongPassphrase):
            await knock(home, room, KEY, "")  # type: ignore[arg-type]


async def test_a_proof_for_one_certificate_is_none_for_another(room: Room) -> None:
    """Somebody in between, who knows no passphrase and answers under a certificate of their own, passes all on."""
    with pytest.raises(WrongPassphrase):
        await knock(Home(proving(KEY, fingerprint="e" * 64)), room, KEY, "")  # type: ignore[arg-type]


async def test_an_invitation_is_shown_to_the_home(room: Room) -> None:
    async def answer(command: Command) -> Any:
        assert command == Enter(room=ROOM, invitation="code")
        return Done()

    await knock(Home(answer), room, b"", "code")  # type: ignore[arg-type]


def ruled(*events: Any, more: bool = False, owner: str = OWNER, salt: str = SALT) -> Ruled:
    return Ruled(room=ROOM, events=list(events), more=more, owner=owner, salt=salt)


def locked(seq: int, *, on: bool = True) -> Any:
    return SEAL.leaving(said(Rule(change="locked", on=on), seq, OWNER, room=ROOM))


async def test_rules_come_in_pages_and_hold_at_once(room: Room, doors: Doorkeeper) -> None:
    await learn(Home(telling(ruled(locked(3), more=True), ruled(locked(9, on=False)))), room, doors)  # type: ignore[arg-type]
    assert (room.record.owner, room.record.salt) == (OWNER, SALT)
    assert (room.door.policy.owner, room.door.policy.locked, room.door.seq) == (OWNER, False, 9)
    await learn(Home(telling(ruled(locked(11)))), room, doors)  # type: ignore[arg-type]
    assert room.door.policy.locked


@pytest.mark.parametrize(
    "answer",
    [
        ruled(locked(3), locked(2)),
        ruled(locked(3), locked(3)),
        ruled(locked(0)),
        ruled(owner="e" * 43),
        ruled(salt="6" * 32),
        Ruled(room="another", events=[]),
    ],
)
async def test_what_a_home_cannot_say_ends_the_connection(room: Room, doors: Doorkeeper, answer: Ruled) -> None:
    with pytest.raises(InvalidFrame):
        await learn(Home(telling(answer)), room, doors)  # type: ignore[arg-type]
    assert not room.door.policy.locked
    assert room.record.owner == ""


@pytest.mark.parametrize(
    "forged",
    [
        msgspec.structs.replace(locked(3), signature=""),
        msgspec.structs.replace(locked(3), signature=locked(4).signature),
        msgspec.structs.replace(locked(3), body=locked(3, on=False).body),
        OTHER_SEAL.leaving(said(Rule(change="locked"), 3, OTHER_SEAL.id, room="another")),
    ],
    ids=["not signed", "another's signature", "another rule", "of another room"],
)
async def test_a_home_makes_no_rule_in_the_name_of_somebody(room: Room, doors: Doorkeeper, forged: Event) -> None:
    forged = msgspec.structs.replace(forged, room=ROOM)
    with pytest.raises(InvalidSignature):
        await learn(Home(telling(ruled(forged))), room, doors)  # type: ignore[arg-type]
    assert (room.door.policy.locked, room.door.seq) == (False, 0)


async def test_of_another_history_all_rules_are_learned_and_what_held_holds_until_then(
    room: Room, doors: Doorkeeper, journal: Journal
) -> None:
    await learn(Home(telling(ruled(locked(9)))), room, doors)  # type: ignore[arg-type]
    await journal.renew_room(room.record)
    room.door.start_over()
    assert room.door.policy.locked
    await learn(Home(telling(ruled(locked(2), locked(3, on=False)))), room, doors)  # type: ignore[arg-type]
    assert (room.door.policy.locked, room.door.seq) == (False, 3)


async def test_an_old_rule_that_a_home_gives_once_more_changes_nothing(room: Room, doors: Doorkeeper) -> None:
    old = locked(1)
    await learn(Home(telling(ruled(old, locked(2, on=False)))), room, doors)  # type: ignore[arg-type]
    await learn(Home(telling(ruled(msgspec.structs.replace(old, seq=3)))), room, doors)  # type: ignore[arg-type]
    assert (room.door.policy.locked, room.door.seq) == (False, 3)
    await doors.restore(room.record)
    assert (room.door.policy.locked, room.door.seq) == (False, 3)


async def test_an_owner_that_the_id_does_not_prove_is_not_taken_over_one_that_it_does(
    room: Room, doors: Doorkeeper
) -> None:
    await learn(Home(telling(ruled())), room, doors)  # type: ignore[arg-type]
    await learn(Home(telling(ruled(owner="e" * 43, salt=""))), room, doors)  # type: ignore[arg-type]
    assert room.record.owner == OWNER


async def test_a_home_without_the_room_and_one_that_refuses_say_so(room: Room, doors: Doorkeeper) -> None:
    for error, sentence in ((NoSuchRoom(), "any more"), (NeedsPassphrase(), "passphrase")):

        async def answer(_: Command, error: Exception = error) -> Any:
            raise error

        with pytest.raises(type(error), match=sentence):
            await learn(Home(answer), room, doors)  # type: ignore[arg-type]


def closed(key: bytes, *, keyless: bool = False) -> Callable[[Command], Awaitable[Any]]:
    """A home that lets nobody in who has not proved that they know `key`, and tells its rules then."""
    prove = proving(key)
    inside: list[Command] = []

    async def answer(command: Command) -> Any:
        match command:
            case Rules() if not inside:
                raise NeedsPassphrase
            case Rules():
                return msgspec.structs.replace(ruled(locked(3)), keyless=keyless)
            case Passphrase():
                return Done()
        reply = await prove(command)
        if isinstance(reply, Confirmed):
            inside.append(command)
        return reply

    return answer


async def test_a_new_home_is_shown_the_passphrase_that_is_known_here(room: Room, doors: Doorkeeper) -> None:
    with pytest.raises(NeedsPassphrase):
        await come_in(Home(closed(KEY)), room, doors)  # type: ignore[arg-type]
    await doors.put_key(ROOM, KEY)
    home = Home(closed(KEY))
    await come_in(home, room, doors)  # type: ignore[arg-type]
    assert room.door.policy.locked
    assert not any(KEY.hex().encode() in each for each in home.passed)


async def test_one_that_holds_no_more_is_tried_once(room: Room, doors: Doorkeeper) -> None:
    await doors.put_key(ROOM, b"x" * 32)
    with pytest.raises(NeedsPassphrase):
        await come_in(Home(closed(KEY)), room, doors)  # type: ignore[arg-type]
    assert room.door.key == b""


@pytest.mark.parametrize(("owner", "told"), [(OWNER, True), ("b" * 43, False)])
async def test_only_the_owners_node_tells_a_home_the_key_that_it_lacks(
    room: Room, journal: Journal, owner: str, told: bool
) -> None:
    doors = Doorkeeper(journal.doors, owner)
    room.door = doors.add(room.record)
    await doors.put_key(ROOM, KEY)
    home = Home(closed(KEY, keyless=True))
    await come_in(home, room, doors)  # type: ignore[arg-type]
    assert any(KEY.hex().encode() in each for each in home.passed) is told


async def test_a_home_tells_of_no_more_rules_than_a_room_has(room: Room, doors: Doorkeeper) -> None:
    first, second = ruled(*map(locked, (1, 2, 3)), more=True), ruled(*map(locked, (4, 5)))
    with pytest.raises(LimitReached, match="more than 4 rules"):
        await learn(Home(telling(first, second)), room, doors, 4)  # type: ignore[arg-type]
    assert room.door.rules == 3
    with pytest.raises(LimitReached):
        await learn(Home(telling(second)), room, doors, 4)  # type: ignore[arg-type]
    await learn(Home(telling(ruled(locked(4)))), room, doors, 4)  # type: ignore[arg-type]
    assert room.door.rules == 4
