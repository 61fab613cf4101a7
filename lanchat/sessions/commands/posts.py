"""Saying something, and changing what was said."""

import asyncio

from msgspec.structs import replace

from lanchat.errors import InvalidSignature, LanchatError, NeedsPassphrase
from lanchat.identity import check
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, Done, Held, Post, Rule, codec, read_rule
from lanchat.rooms import Room
from lanchat.sessions.session import Session


async def post(session: Session, command: Post) -> None:
    """Hand a post to its room. Nobody waits here, so that posts which come together share one commit.

    Only when too many of this client are unanswered it waits, and nothing more is read from it meanwhile.

    Raises:
        NotJoined, NoSuchRoom: the client does not follow the room.
        InvalidFrame, InvalidNick: a link names no author for whom it speaks.
        InvalidSignature: the author has not signed it, nor has the person of the link who vouches for guests there.
        RefusedError: the rules of the room do not allow it.
    """
    room = session.room(command.room)
    draft = _draft(session, room.id, command)
    session.context.access.check_post(session.visitor, draft.author, room.id, draft.kind, draft.body.text)
    if draft.kind == "rule":
        _check_rule(room, read_rule(draft.body.text))
    kept = room.post(draft, brought=session.visitor.kind == "link")
    kept.add_done_callback(lambda done: _posted(session, command, done))
    session.backlog.add(kept)
    await session.backlog.room()


def _check_rule(room: Room, rule: Rule) -> None:
    """Return if a rule can hold. Raises NeedsPassphrase: the home does not know the passphrase that it asks for."""
    if room.kind == "home" and (rule.change, rule.door) == ("door", "passphrase") and not room.door.key:
        raise NeedsPassphrase("This room has no passphrase yet; set one first.")


def _draft(session: Session, room: str, command: Post) -> Draft:
    visitor, context = session.visitor, session.context
    again = command.at > 0
    author = context.access.speaker(visitor, command.author, signed=again and command.signature != "")
    draft = Draft(room, command.nonce, author, _body(command), command.kind)
    if visitor.kind != "link":
        return session.context.owner.seal.said(draft)
    if command.voucher not in {"", visitor.person} and not again:
        raise InvalidSignature("post: only the person of the link's node vouches for guests there.")
    draft = replace(draft, signature=command.signature, voucher=command.voucher, at=command.at)
    check(draft)
    return draft


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
            session.show(kept.event)
        session.answer(command, Done())
