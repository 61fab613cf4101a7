"""Saying something, and changing what was said."""

import asyncio

from lanchat.errors import LanchatError, NeedsPassphrase
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, Done, Held, Post, Rule, codec, read_rule
from lanchat.rooms import Room
from lanchat.sessions.session import Session


async def post(session: Session, command: Post) -> None:
    """Hand a post to its room. Nobody waits here, so that posts which come together share one commit.

    Only when too many of this client are unanswered it waits, and nothing more is read from it meanwhile.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame, InvalidNick: a link names no author who can be.
        RefusedError: the rules of the room do not allow it.
    """
    room = session.room(command.room)
    access = session.context.access
    author = access.speaker(session.visitor, command.author)
    access.check_post(session.visitor, author, room.id, command.kind, command.text)
    if command.kind == "rule":
        _check_rule(room, read_rule(command.text))
    kept = room.post(Draft(room.id, command.nonce, author, _body(command), command.kind))
    kept.add_done_callback(lambda done: _posted(session, command, done))
    session.backlog.add(kept)
    await session.backlog.room()


def _check_rule(room: Room, rule: Rule) -> None:
    """Return if a rule can hold. Raises NeedsPassphrase: the home does not know the passphrase that it asks for."""
    if room.kind == "home" and (rule.change, rule.door) == ("door", "passphrase") and not room.door.key:
        raise NeedsPassphrase("This room has no passphrase yet; set one first.")


def _body(command: Post) -> Body:
    """Return what is kept: only what means something in a post of this kind."""
    match command.kind:
        case "message" | "rule":
            return Body(text=command.text)
        case "edit":
            return Body(text=command.text, target=command.target)
        case "reaction":
            return Body(target=command.target, emoji=command.emoji, off=command.off)
        case "deletion":
            return Body(target=command.target)


def _posted(session: Session, command: Post, done: "asyncio.Future[Kept] | asyncio.Future[Kept | None]") -> None:
    if done.cancelled():
        return
    error = done.exception()
    if isinstance(error, LanchatError):
        session.refuse(error, codec.subject_of(command))
    elif (kept := done.result()) is None:
        session.answer(command, Held(room=command.room, nonce=command.nonce))
    else:
        if not kept.fresh:
            session.send(kept.event)
        session.answer(command, Done())
