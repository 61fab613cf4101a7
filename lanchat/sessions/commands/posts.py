"""Saying something, and changing what was said."""

import asyncio

from lanchat.errors import LanchatError
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, Done, Held, Post, codec
from lanchat.sessions.session import Session


async def post(session: Session, command: Post) -> None:
    """Hand a post to its room. Nobody waits here, so that posts which come together share one commit.

    Only when too many of this client are unanswered it waits, and nothing more is read from it meanwhile.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame, InvalidNick: a link names no author who can be.
    """
    room = session.room(command.room)
    author = session.context.access.speaker(session.visitor, command.author)
    body = Body(text=command.text, target=command.target, emoji=command.emoji, off=command.off)
    kept = room.post(Draft(room.id, command.nonce, author, body, command.kind))
    kept.add_done_callback(lambda done: _posted(session, command, done))
    session.backlog.add(kept)
    await session.backlog.room()


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
