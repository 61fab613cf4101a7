"""Saying something, and changing what was said."""

import asyncio

from msgspec.structs import replace

from lanchat.errors import InvalidSignature, LanchatError
from lanchat.identity import check
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, Done, Held, Post, codec
from lanchat.sessions.session import Session


async def post(session: Session, command: Post) -> None:
    """Hand a post to its room. Nobody waits here, so that posts which come together share one commit.

    Only when too many of this client are unanswered it waits, and nothing more is read from it meanwhile.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame, InvalidNick: a link names no author for whom it speaks.
        InvalidSignature: the author has not signed it, nor has the person of the link who vouches for guests there.
    """
    room = session.room(command.room)
    kept = room.post(_draft(session, room.id, command))
    kept.add_done_callback(lambda done: _posted(session, command, done))
    session.backlog.add(kept)
    await session.backlog.room()


def _draft(session: Session, room: str, command: Post) -> Draft:
    visitor, context = session.visitor, session.context
    author = context.access.speaker(visitor, command.author)
    draft = Draft(room, command.nonce, author, _body(command), command.kind)
    if visitor.kind != "link":
        return context.owner.seal.said(draft)
    if command.voucher not in {"", visitor.person}:
        raise InvalidSignature("post: only the person of the link's node vouches for guests there.")
    draft = replace(draft, signature=command.signature, voucher=command.voucher)
    check(draft)
    return draft


def _body(command: Post) -> Body:
    """Return what is kept: only what means something in a post of this kind."""
    match command.kind:
        case "message":
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
            session.show(kept.event)
        session.answer(command, Done())
