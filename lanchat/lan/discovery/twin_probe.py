"""Who else is announced under this node's id: is asked whether it has this node's key as well."""

import asyncio
import contextlib
import math
import time
from collections.abc import Iterable

from lanchat.errors import LanchatError
from lanchat.identity import TwinWatch
from lanchat.lan.discovery.probe import Probe
from lanchat.protocol import NodeInfo

BETWEEN = 2.0
"""Seconds between two questions: anybody can announce our id from very many places."""
MOST = 16
"""Most places that wait to be asked."""
REMEMBERED = 64
"""Places that are not asked again for a while; the first go first."""
AGAIN = 60.0
"""Seconds until one is asked again."""


class TwinProbe:
    """Asks the places that announce this node's own id, one after the other.

    Args:
        node: this node.
        probe: how to ask; whoever has not the key of the node is told nothing.
        twins: is told who has it.
    """

    def __init__(self, node: NodeInfo, probe: Probe, twins: TwinWatch) -> None:
        self._node = node
        self._probe = probe
        self._twins = twins
        self._waiting: dict[tuple[str, int], None] = {}
        self._asked: dict[tuple[str, int], float] = {}
        self._task: asyncio.Task[None] | None = None

    def look(self, addresses: Iterable[str], port: int) -> None:
        """Ask at these addresses, in the background; those that were asked just now, and those over MOST, are not."""
        now = time.monotonic()
        for address in addresses:
            place = (address, port)
            if now - self._asked.get(place, -math.inf) >= AGAIN and len(self._waiting) < MOST:
                self._waiting[place] = None
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._ask(), name="twins")

    async def close(self) -> None:
        """Ask nobody any more."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _ask(self) -> None:
        while self._waiting:
            place = next(iter(self._waiting))
            del self._waiting[place]
            self._asked[place] = time.monotonic()
            if len(self._asked) > REMEMBERED:
                del self._asked[next(iter(self._asked))]
            with contextlib.suppress(LanchatError):
                answer = await self._probe.ask(*place, self._node.id)
                await self._twins.answered(place[0], answer.instance)
            await asyncio.sleep(BETWEEN)
