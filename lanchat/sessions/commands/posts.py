"""Saying something, and changing what was said."""

import asyncio
import contextlib
import time

import msgspec

from lanchat.errors import (
    InvalidFrame,
    InvalidSignature,
    LanchatError,
    LimitReached,
    NeedsPassphrase,
    NoSuchMessage,
    RefusedError,
)
from lanchat.identity import check, check_all
from lanchat.journal import Draft, Kept
from lanchat.protocol import Body, Bring, Done, Held, Post, Waiting, WaitingPost, Waits, codec, read_rule
from lanchat.rooms import Room
from lanchat.sessions.paging import PAGE_BYTES
from lanchat.sessions.session import Session

_STEP = 8
_MOST_SHOWN = PAGE_BYTES // 50
"""More posts than fit into a frame."""


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
    await _judge(session, room, draft)
    kept = room.post(draft, brought=session.visitor.kind == "link")
    kept.add_done_callback(lambda done: _posted(session, command, done))
    session.backlog.add(kept)
    await session.backlog.room()


async def bring(session: Session, command: Bring) -> None:
    """Hand on what was said on another branch of a room. Each post is answered as `post` is, all together by `done`.

    What the room has is neither counted nor checked again: everybody who was on a branch brings what was said there.

    Raises:
        NotJoined, NoSuchRoom: the link does not follow the room.
    """
    room, context = session.room(command.room), session.context
    known = await context.journal.ledgers.known(room.id, [each.nonce for each in command.posts])
    fresh = [each for each in command.posts if each.nonce not in known]
    addresses = context.addresses
    if wait := addresses.pay(session.payer, "bring", time.monotonic(), room.id, len(fresh)):
        await asyncio.sleep(wait)
    said = [(each, _said(session, room.id, each)) for each in fresh]
    with contextlib.suppress(InvalidSignature):
        await check_all([draft for _, draft in said if isinstance(draft, Draft)])  # what is right is known by that
    answers = []
    for number, (each, draft) in enumerate(said):
        if number % _STEP == 0:
            await asyncio.sleep(0)  # whoever says something in another room waits for a few of them only
        try:
            if isinstance(draft, LanchatError):
                raise draft
            check(draft)
            await _judge(session, room, draft)
        except LanchatError as error:
            session.refuse(error, codec.subject_of(each))
            continue
        kept = room.post(draft, brought=True)
        kept.add_done_callback(lambda done, each=each: _posted(session, each, done))  # type: ignore[misc]
        session.backlog.add(kept)
        answers.append(kept)
    asyncio.gather(*answers, return_exceptions=True).add_done_callback(lambda _: session.answer(command, Done()))
    await session.backlog.room()


async def _judge(session: Session, room: Room, draft: Draft) -> None:
    """Return if somebody may say this now. What the room has already is neither counted nor judged a second time.

    The journal is asked only where it makes a difference: where this would be refused, or would count in slow mode.
    Raises as `_check`.
    """
    if session.context.access.is_slow_for(session.visitor, draft):
        if not await _is_kept(session, draft):
            _check(session, room, draft)
        return
    try:
        _check(session, room, draft)
    except (RefusedError, LimitReached):
        if not await _is_kept(session, draft):
            raise


async def _is_kept(session: Session, draft: Draft) -> bool:
    try:
        await session.context.journal.around(draft.room, draft.nonce, 1)
    except NoSuchMessage:
        return False
    return True


def _check(session: Session, room: Room, draft: Draft) -> None:
    """Return if somebody may say this now.

    Raises:
        RefusedError, LimitReached, InvalidFrame: the rules of the room do not allow it.
        NeedsPassphrase: it asks for a passphrase that the home does not know.
    """
    session.context.access.check_post(session.visitor, draft)
    if draft.kind == "rule" and not draft.body.origin and room.kind == "home" and not room.door.key:
        rule = read_rule(draft.body.text)
        if (rule.change, rule.door) == ("door", "passphrase"):
            raise NeedsPassphrase("This room has no passphrase yet; set one first.")


async def waiting(session: Session, command: Waiting) -> Waits:
    """Return what waits in a room for its home, as much of it as fits into a frame. Raises NoSuchRoom, JournalError."""
    room = session.context.rooms.get(command.room)
    posts: list[WaitingPost] = []
    left = PAGE_BYTES
    for _, draft in await session.context.journal.outbox(room.id, most=_MOST_SHOWN):
        post = WaitingPost(nonce=draft.nonce, author=draft.author, kind=draft.kind, body=draft.body)
        left -= len(msgspec.json.encode(post)) + 1
        if left < 0:
            return Waits(room=room.id, posts=posts, more=True)
        posts.append(post)
    return Waits(room=room.id, posts=posts)


def _draft(session: Session, room: str, command: Post) -> Draft:
    """Return what somebody says. Raises InvalidFrame, InvalidNick, InvalidSignature: as `post`."""
    visitor, context = session.visitor, session.context
    if visitor.kind == "link":
        draft = _by_link(session, room, command)
        check(draft)
        return draft
    author = context.access.speaker(visitor, command.author)
    if command.origin:
        raise InvalidFrame("post: only a link brings what was said in another room.")
    return context.owner.seal.said(Draft(room, command.nonce, author, _body(command), command.kind))


def _by_link(session: Session, room: str, command: Post) -> Draft:
    """Return what a link brings, of which nobody has seen yet whether it is signed rightly. Raises as `_draft`."""
    visitor, again = session.visitor, command.at > 0
    author = session.context.access.speaker(visitor, command.author, signed=again and command.signature != "")
    if command.voucher not in {"", visitor.person} and not again:
        raise InvalidSignature("post: only the person of the link's node vouches for guests there.")
    return Draft(
        room, command.nonce, author, _body(command), command.kind, command.signature, command.voucher, command.at
    )


def _said(session: Session, room: str, command: Post) -> Draft | LanchatError:
    """Return what a link brings, or why it cannot be. As `_by_link`."""
    try:
        return _by_link(session, room, command)
    except LanchatError as error:
        return error


def _body(command: Post) -> Body:
    """Return what is kept: only what means something in a post of this kind."""
    origin = command.origin
    match command.kind:
        case "message" | "rule":
            return Body(text=command.text, origin=origin)
        case "edit":
            return Body(text=command.text, target=command.target, origin=origin)
        case "reaction":
            return Body(target=command.target, emoji=command.emoji, off=command.off, origin=origin)
        case "deletion":
            return Body(target=command.target, origin=origin)


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
