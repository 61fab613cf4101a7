"""How a node comes into a room of another one: it proves that it may, then learns what holds there."""

import asyncio

from lanchat.errors import InvalidFrame, LimitReached, NeedsPassphrase, NoSuchRoom, WrongPassphrase
from lanchat.identity import check_all
from lanchat.lan.connection import Connection
from lanchat.lan.link.checks import checked
from lanchat.limits import Limits
from lanchat.protocol import Confirm, Confirmed, Done, Enter, Knock, Knocked, Passphrase, Ruled, Rules
from lanchat.rooms import Doorkeeper, Exchange, Room


async def knock(connection: Connection, room: Room, key: bytes, invitation: str) -> None:
    """Have the home let this node in, by what the passphrase was made into, or by the code of an invitation.

    Neither the passphrase nor what it was made into goes over the connection.

    Raises:
        RefusedError: the home does not let it in, or does not know the passphrase itself.
        LanchatError: it does not answer as a home does.
    """
    if invitation:
        await connection.ask(Enter(room=room.id, invitation=invitation), Done)
        return
    exchange = await asyncio.to_thread(Exchange, key, room.id, connection.fingerprint, client=True)
    knocked = await connection.ask(Knock(room=room.id, share=exchange.share), Knocked)
    await asyncio.to_thread(exchange.take, knocked.share)
    confirmed = await connection.ask(Confirm(room=room.id, tag=exchange.tag), Confirmed)
    exchange.check(confirmed.tag)


async def hand_over(connection: Connection, room: Room, key: bytes) -> None:
    """Tell the home what the passphrase was made into, as the node of the room's owner. Raises LanchatError."""
    await connection.ask(Passphrase(room=room.id, key=key.hex()), Done)


async def come_in(connection: Connection, room: Room, doors: Doorkeeper, most: int = Limits().rules) -> None:
    """Learn what holds in a room, and come into it anew where it has a home that has not let this node in yet.

    Arguments as of `learn`.

    Raises:
        RefusedError: the home does not let this node in.
        LanchatError: as `learn`.
    """
    try:
        await learn(connection, room, doors, most)
    except NeedsPassphrase:
        if not room.door.key:
            raise
        try:
            await knock(connection, room, room.door.key, "")
        except WrongPassphrase:  # another one holds by now; it is not tried again and again
            await doors.put_key(room.id, b"")
            raise NeedsPassphrase from None
        await learn(connection, room, doors, most)


async def learn(connection: Connection, room: Room, doors: Doorkeeper, most: int = Limits().rules) -> None:
    """Take the rules of a room from its home, those that are older than its history as well, and whose room it is.

    Args:
        connection: the home.
        room: the mirror.
        doors: keeps the rules.
        most: so many rules the room may have.

    Raises:
        RefusedError: the home does not let this node in.
        InvalidFrame: what it answers is no run of rules, or names an owner whose room this cannot be.
        InvalidSignature: it says of somebody that they made a rule which they did not make.
        LimitReached: it tells of more rules than a room may have.
        LanchatError: the rest that can go wrong.
    """
    before, after = room.door.policy, room.door.seq
    more, keyless, there = True, False, room.door.rules if room.door.seq else 0
    while more:
        ruled = await _ask(connection, room.id, after)
        taken = checked(ruled, room.id, doors.owner)
        if not isinstance(taken, Ruled) or [event.seq for event in taken.events] != _ascending(taken, after):
            raise InvalidFrame("The home sent rules that are out of order.")
        there += len(taken.events)
        if there > most:
            raise LimitReached(f"It tells of more than {most} rules, which is the most that a room has.")
        await check_all(taken.events)
        await room.kept.learn_owner(taken.owner, taken.salt)
        await doors.learn(room.record, taken.events)
        more, keyless = taken.more and bool(taken.events), taken.keyless
        after = taken.events[-1].seq if taken.events else after
    if keyless and room.door.key and room.door.policy.owner == doors.owner:
        await hand_over(connection, room, room.door.key)
    if room.door.policy != before:
        await room.tell_policy()


async def _ask(connection: Connection, room: str, after: int) -> Ruled:
    try:
        return await connection.ask(Rules(room=room, after=after), Ruled)
    except NoSuchRoom:
        raise NoSuchRoom("It does not have this room any more.") from None


def _ascending(ruled: Ruled, after: int) -> list[int]:
    return sorted({event.seq for event in ruled.events if event.kind == "rule" and event.seq > after})
