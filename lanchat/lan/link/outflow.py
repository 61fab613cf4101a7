"""What a mirror sends its home: who is here, what is typed, and everything that waits in the outbox, in its order."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Iterator

from lanchat.errors import Unreachable, error_of
from lanchat.identity import Seal
from lanchat.journal import FIRST, Draft, Journal
from lanchat.lan.connection import Connection
from lanchat.protocol import (
    MAX_BROUGHT,
    MAX_FRAME,
    MAX_PAGE,
    Answer,
    Bring,
    Error,
    Invite,
    Post,
    Presence,
    Quorum,
    Receipts,
    Typing,
    Verify,
    encode,
)
from lanchat.rooms import Room, fitting

AHEAD = 2
"""Frames of posts from a branch that the home has not answered: what else goes to it waits behind so many at most."""
_WAITING = 64
"""Most frames that are not kept and wait to be sent; the oldest go first."""
_HEAD = 512
"""Bytes of a frame beside the posts that it brings; it is less."""


class Outflow:
    """Sends over one connection after the other, as long as each lasts.

    Args:
        room: the mirror.
        journal: keeps the outbox.
        seal: signs what waits for guests here.
    """

    def __init__(self, room: Room, journal: Journal, seal: Seal) -> None:
        self._room = room
        self._journal = journal
        self._seal = seal
        self._passing: deque[Presence | Receipts | Typing | Invite | Verify | Quorum] = deque(maxlen=_WAITING)
        self._work = asyncio.Event()
        self._unanswered: set[int] = set()
        self._answered = asyncio.Event()

    def flush(self) -> None:
        """Look into the outbox: something waits for the home."""
        self._work.set()

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify | Quorum) -> None:
        """Send something that is not kept, behind what waits."""
        self._passing.append(fitting(frame, MAX_FRAME) if isinstance(frame, Presence) else frame)
        self._work.set()

    def answered(self, answer: Answer) -> None:
        """Take what the home answers. Raises LanchatError when it takes nothing of what was brought: that waits on."""
        if answer.ref in self._unanswered:
            self._unanswered.discard(answer.ref)
            self._answered.set()
            if isinstance(answer, Error):
                raise error_of(answer.code, answer.message)

    def drop(self) -> None:
        """Drop what is not kept, because the connection has ended."""
        self._passing.clear()

    async def run(self, connection: Connection) -> None:
        """Say who is here, then send everything that waits, as long as the connection lasts."""
        place = FIRST
        self._unanswered.clear()
        await self._room.presence.announce()
        await self._room.receipts.announce()
        with contextlib.suppress(Unreachable):
            while True:
                self._work.clear()
                await self._pass_on(connection)
                waiting = await self._journal.outbox(self._room.id, place, MAX_PAGE)
                for frame in _frames(self._room.id, (_post(self._signed(draft)) for _, draft in waiting)):
                    await self._send(connection, frame)
                if waiting:
                    place = waiting[-1][0]  # the next look begins behind it
                else:
                    await self._work.wait()

    async def _pass_on(self, connection: Connection) -> None:
        while self._passing:
            await connection.send(self._passing.popleft())

    async def _send(self, connection: Connection, frame: Post | Bring) -> None:
        if isinstance(frame, Post):
            await connection.send(frame)
            return
        while len(self._unanswered) >= AHEAD:
            self._answered.clear()
            await self._answered.wait()
        await self._pass_on(connection)
        self._unanswered.add(await connection.submit(frame))

    def _signed(self, draft: Draft) -> Draft:
        """Return a draft as the home takes it. Whoever said it said it here, whichever key this node had then."""
        return draft if draft.signature else self._seal.leaving(self._seal.said(draft))


def _frames(room: str, posts: Iterable[Post]) -> Iterator[Post | Bring]:
    """Return what carries some posts, in their order: those from a branch many in a frame, every other by itself."""
    together: list[Post] = []
    left = 0
    for post in posts:
        size = len(encode(post)) + 1
        if together and (not post.at or size > left or len(together) == MAX_BROUGHT):
            yield Bring(room=room, posts=together)
            together = []
        if not post.at:
            yield post
            continue
        left = (left if together else MAX_FRAME - _HEAD) - size
        together.append(post)
    if together:
        yield Bring(room=room, posts=together)


def _post(draft: Draft) -> Post:
    body = draft.body
    return Post(
        room=draft.room,
        nonce=draft.nonce,
        kind=draft.kind,
        text=body.text,
        target=body.target,
        emoji=body.emoji,
        off=body.off,
        author=draft.author,
        signature=draft.signature,
        voucher=draft.voucher,
        at=draft.at,
        origin=body.origin,
    )
