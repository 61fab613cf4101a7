"""Whether another machine is this node as well: its data was copied, and both run at the same time under one key."""

import math
import secrets
import time
from collections.abc import Awaitable, Callable

from lanchat.identity.machine import is_here

PAUSE = 3600.0
"""Seconds until the owner is told again."""
LASTING = 600.0
"""Seconds for which a twin that was seen counts as there; while it runs it is seen again every minute or two."""
TWIN = (
    "Another machine, at {}, runs Lanchat with the keys of this one: its data was copied. Both are one node to "
    "everybody, so each takes messages and people from the other. End Lanchat on the one that is the copy, run "
    "`lanchat identity renew` there and start it again: it goes on as a node of its own. If that was the wrong one, "
    "`lanchat identity restore` takes its keys again."
)
"""What the owner is told, with the address."""


class TwinWatch:
    """Tells the owner of a node that it has a twin. Whoever calls it has seen the other prove this node's own key.

    Args:
        tell: tells the owner a sentence.

    Attributes:
        instance: what only this run of the node knows and answers: an answer that has it came from here, whoever passed
            it on.
    """

    def __init__(self, tell: Callable[[str], Awaitable[None]]) -> None:
        self.instance = secrets.token_hex(8)
        self._tell = tell
        self._told = -math.inf
        self._seen = -math.inf
        self._address = ""

    @property
    def address(self) -> str:
        """Where a twin was seen just now; empty when none was."""
        return self._address if time.monotonic() - self._seen < LASTING else ""

    async def answered(self, address: str, instance: str) -> None:
        """Take that a node answered at an address under this node's certificate."""
        if instance != self.instance:
            await self._notice(address)

    async def called(self, address: str) -> None:
        """Take that a link from an address proved that it is this node; from this machine it is this node itself."""
        if not is_here(address):
            await self._notice(address)

    async def _notice(self, address: str) -> None:
        now = time.monotonic()
        self._seen, self._address = now, address
        if now - self._told >= PAUSE:
            self._told = now
            await self._tell(TWIN.format(address))
