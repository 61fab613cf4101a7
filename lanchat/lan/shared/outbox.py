"""What waits at this node to be numbered in a shared room, in the order in which it was said."""

from collections import deque

from lanchat.errors import LanchatError, NoSuchMessage, NotYours
from lanchat.identity import Seal
from lanchat.journal import FIRST, Draft, Journal
from lanchat.lan.shared.entries import fitting_together
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import NodeInfo, error_frame
from lanchat.rooms import Access, Room, Visitor

MOST = 128
"""Most posts of one node that one script numbers: Redis does nothing else meanwhile."""
_BYTES = 128 * 1024
_REFUSALS = {"no_such_message": NoSuchMessage, "not_yours": NotYours}


class SharedOutbox:
    """Brings what waits to Redis. A draft leaves the journal's outbox only when its event is in this node's history.

    So it may be brought again at any time: Redis knows its nonce.

    Args:
        room: the room.
        stream: its keys in Redis.
        node: this node.
        journal: keeps the outbox.
        seal: signs what was said here.
        access: the gate, which judges each post by the rules of now.

    Attributes:
        last: the highest seq that Redis had when something was brought; less is there only where that was lost.
    """

    def __init__(  # noqa: PLR0917
        self, room: Room, stream: RoomStream, node: NodeInfo, journal: Journal, seal: Seal, access: Access
    ) -> None:
        self._room = room
        self._stream = stream
        self._journal = journal
        self._seal = seal
        self._access = access
        self._visitor = Visitor("link", node=node, person=access.owner, room=room.id)
        self.last = 0
        self._place = FIRST
        self._more = True
        self._drafts: deque[Draft] = deque()

    def look(self) -> None:
        """Look into the journal's outbox the next time: something more waits."""
        self._more = True

    def again(self) -> None:
        """Bring everything that waits once more: of what was brought nobody knows what became of it."""
        self._place, self._more, self.last = FIRST, True, 0
        self._drafts.clear()

    async def bring(self, term: int, *, current: bool) -> str:
        """Bring the next that wait, if any do.

        Args:
            term: that this node follows.
            current: whether this node has just taken everything that Redis has; else nobody is refused by its rules.

        Returns:
            `done` when nothing waits, `more` when something does, `later` when that may not be said yet, `lost` when
            Redis goes on under another term.

        Raises:
            LanchatError: Redis, or the journal, cannot be reached.
        """
        if not self._drafts and self._more:
            self._more = False
            waiting = await self._journal.outbox(self._room.id, self._place)
            self._drafts.extend(draft for _, draft in waiting)
            self._place = waiting[-1][0] if waiting else self._place
        rule = self._room.door.seq
        drafts = await self._judged(current=current)
        if not drafts:
            return "later" if self._drafts else "done"
        try:
            posted = await self._stream.post(term, rule, drafts)
        except LanchatError:
            self.again()
            raise
        if posted.state != "ok":
            self.again()
            return "lost"
        self.last = max(self.last, posted.last)
        for draft, result in zip(drafts, posted.results, strict=True):
            if result == "rule":
                self.again()
                return "later"
            if error := _REFUSALS.get(result):
                await self._refuse(draft, error())
        return "more" if self._drafts else "done"

    async def _judged(self, *, current: bool) -> list[Draft]:
        """Take the next drafts that may be said by the rules that this node knows, signed."""
        judged: list[Draft] = []
        for _ in range(fitting_together(self._drafts, MOST, _BYTES)):
            draft = self._drafts[0]
            try:
                self._access.check_post(self._visitor, draft)
            except LanchatError as error:
                if error.retry or not current:
                    break
                await self._refuse(draft, error)
            else:
                judged.append(draft if draft.signature else self._seal.leaving(self._seal.said(draft)))
            self._drafts.popleft()
            if draft.kind == "rule":
                break
        return judged

    async def _refuse(self, draft: Draft, error: LanchatError) -> None:
        await self._room.refuse(error_frame(error, nonce=draft.nonce, room=self._room.id))
