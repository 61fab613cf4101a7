"""Those who wait until what they said is kept by enough voters."""

import asyncio
from collections import deque

from msgspec.structs import replace

from lanchat.journal import Kept

Answer = asyncio.Future[Kept | None]


class Answers:
    """Answers posts that this node has numbered, in their order.

    Attributes:
        reached: the highest place up to which everything is acknowledged and shown.
    """

    def __init__(self) -> None:
        self.reached = 0
        self._more = asyncio.Event()
        self._waiting: deque[tuple[Answer, Kept]] = deque()

    def to(self, numbered: asyncio.Future[Kept]) -> Answer:
        """Return the answer to a post: its event once it is acknowledged; None when another home may number it."""
        answer: Answer = asyncio.get_running_loop().create_future()

        def take(done: asyncio.Future[Kept]) -> None:
            if answer.done() or done.cancelled():
                return
            if (error := done.exception()) is not None:
                answer.set_exception(error)
            elif done.result().place <= self.reached:
                answer.set_result(replace(done.result(), place=0))
            else:
                self._waiting.append((answer, done.result()))

        numbered.add_done_callback(take)
        return answer

    def begin(self, place: int) -> None:
        """Count places anew, from this one on that is acknowledged."""
        self.hold()
        self.reached = 0
        self.reach(place)

    def reach(self, place: int) -> None:
        """Answer everything up to a place."""
        self.reached = max(self.reached, place)
        self._more.set()
        while self._waiting and self._waiting[0][1].place <= place:
            answer, kept = self._waiting.popleft()
            if not answer.done():
                answer.set_result(replace(kept, place=0))

    async def more(self) -> None:
        """Wait until more is acknowledged."""
        self._more.clear()
        await self._more.wait()

    def hold(self) -> None:
        """Say of everything that waits that it goes on waiting, for whoever will be home."""
        while self._waiting:
            answer, _ = self._waiting.popleft()
            if not answer.done():
                answer.set_result(None)
