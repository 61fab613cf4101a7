"""What a mirror sends its home: who is here, what is typed, and everything that waits in the outbox, in its order."""

import asyncio
import contextlib
from collections import deque

from lanchat.errors import Unreachable
from lanchat.identity import Seal
from lanchat.journal import FIRST, Draft, Journal
from lanchat.lan.connection import Connection
from lanchat.protocol import MAX_FRAME, Invite, Post, Presence, Quorum, Receipts, Typing, Verify
from lanchat.rooms import Room, fitting

_WAITING = 64
"""Most frames that are not kept and wait to be sent; the oldest go first."""


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

    def flush(self) -> None:
        """Look into the outbox: something waits for the home."""
        self._work.set()

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify | Quorum) -> None:
        """Send something that is not kept, behind what waits."""
        self._passing.append(fitting(frame, MAX_FRAME) if isinstance(frame, Presence) else frame)
        self._work.set()

    def drop(self) -> None:
        """Drop what is not kept, because the connection has ended."""
        self._passing.clear()

    async def run(self, connection: Connection) -> None:
        """Say who is here, then send everything that waits, as long as the connection lasts."""
        place = FIRST
        await self._room.presence.announce()
        await self._room.receipts.announce()
        with contextlib.suppress(Unreachable):
            while True:
                self._work.clear()
                while self._passing:
                    await connection.send(self._passing.popleft())
                waiting = await self._journal.outbox(self._room.id, place)
                for place, draft in waiting:  # noqa: B007 - the next look begins behind it
                    await connection.send(_post(self._signed(draft)))
                await self._work.wait()

    def _signed(self, draft: Draft) -> Draft:
        """Return a draft as the home takes it. Whoever said it said it here, whichever key this node had then."""
        return draft if draft.signature else self._seal.leaving(self._seal.said(draft))


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
    )
