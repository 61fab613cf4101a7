"""What waited at a node when it became home, numbered piece by piece beside everything else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from lanchat.journal import ALL, PIECE, LedgerStore, Numbered, Refused

AGAIN = 0.05
"""Seconds after which is looked again whether others have kept enough of what was numbered."""
AHEAD = 2 * PIECE
"""Most entries that are numbered and not acknowledged before more of what waits is."""


class Leftover:
    """Numbers what waits in the outbox of a room whose home this node has become, in its order.

    Whoever says something here meanwhile waits behind it, so that everybody's posts keep their order; what other nodes
    bring has its order there, and is numbered at once.

    Args:
        room: id of the room.
        ledgers: numbers.
        refused: tells the authors of what cannot be numbered.
        numbers: whether this node numbers still.
        ahead: how many entries are numbered and not acknowledged.
        do: has something done behind everything else that is to be done for this room.

    Attributes:
        busy: whether something that waited when this node became home is not numbered yet.
    """

    def __init__(  # noqa: PLR0917
        self,
        room: Callable[[], str],
        ledgers: LedgerStore,
        refused: Callable[[Sequence[Refused]], Awaitable[None]],
        numbers: Callable[[], bool],
        ahead: Callable[[], int],
        do: Callable[[Callable[[], Awaitable[None]]], None],
    ) -> None:
        self.busy = False
        self._room = room
        self._ledgers = ledgers
        self._refused = refused
        self._numbers = numbers
        self._ahead = ahead
        self._do = do
        self._round = 0

    def hold(self) -> None:
        """Let what is said here from now on wait behind what waits, of which the first piece is being numbered."""
        self.busy = True
        self._round += 1

    def stop(self) -> None:
        """Number no more of it, because somebody else may: it waits on in the outbox."""
        self.busy = False
        self._round += 1

    async def go_on(self, numbered: Numbered) -> None:
        """Number the rest, beside other things, once the first piece is."""
        await self._refused(numbered.refused)
        begun = self._round
        if numbered.more:
            self._do(lambda: self._next(begun, numbered.place))
        elif self._numbers():
            await self._end(numbered.place)

    async def _next(self, begun: int, place: int) -> None:
        if begun != self._round or not self._numbers():
            return
        if self._ahead() > AHEAD:
            # Others keep it more slowly than it is numbered here, and it would all lie in memory.
            again = lambda: self._do(lambda: self._next(begun, place))  # noqa: E731
            asyncio.get_running_loop().call_later(AGAIN, again)
            return
        numbered = await self._ledgers.number_waiting(self._room(), place)
        if begun == self._round:
            await self.go_on(numbered)

    async def _end(self, place: int) -> None:
        """Number what was said meanwhile; each post comes before that, or is numbered by itself behind it."""
        self.busy = False
        numbered = await self._ledgers.number_waiting(self._room(), place, most=ALL)
        await self._refused(numbered.refused)
