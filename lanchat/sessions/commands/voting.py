"""Deciding who numbers a room, with other nodes."""

from msgspec.structs import replace

from lanchat.errors import InvalidFrame, InvalidSignature
from lanchat.identity import check_all, is_ballot, names
from lanchat.protocol import Done, Event, Post, Quorum, ballot_of, check_command, node_of
from lanchat.sessions.session import Session

_HIGHEST = 2**40 - 1


async def quorum(session: Session, command: Quorum) -> Done:
    """Take a step of a room's voters.

    Raises:
        NoSuchRoom: it is not here.
        InvalidFrame: a link speaks for another node, or an event is none.
        InvalidSignature: somebody did not say what the frame brings, or a vote is not signed by the person of its node.
        RefusedError: its node may not be in the room.
    """
    room, visitor = session.context.rooms.get(command.room), session.visitor
    if node_of(command.sender) != session.node.id:
        raise InvalidFrame("A link speaks for its own node only.")
    if command.step in {"offer", "seek"}:
        session.context.access.check(visitor, "read", room.id)
    if (cast := ballot_of(command, visitor.person)) is not None and not is_ballot(room.id, cast):
        raise InvalidSignature("quorum: a vote is signed by the person of its node.")
    events = [entry.event for entry in command.entries if entry.event is not None]
    for event in events:
        _check(event, room.id)
    await check_all(events)
    if room.seat is not None:
        name = names.node_name(session.node.name)
        room.seat.take(replace(command, name=name), visitor.address, visitor.person)
    elif command.step == "lead":
        session.context.access.check(visitor, "read", room.id)
        await session.context.moves.answer(room, command, visitor.address)
    return Done()


def _check(event: Event, room: str) -> None:
    """Return if an event is what somebody could have said. Raises InvalidFrame, TextTooLong."""
    body = event.body
    if event.room != room or not 0 < event.seq <= _HIGHEST or event.term < 1 or event.at < 0:
        raise InvalidFrame("quorum: an event is of another room, or has a number that none has.")
    post = Post(room=room, nonce=event.nonce, kind=event.kind, text=body.text, target=body.target)
    check_command(replace(post, emoji=body.emoji, off=body.off))
