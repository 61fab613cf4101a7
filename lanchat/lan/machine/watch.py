"""Keeps watch over this machine's network: looks when the system says that it changed, and now and then anyway."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import msgspec

from lanchat.lan.addresses import InterfaceAddress, Reach, address_to_show, reach, read_links
from lanchat.lan.machine.notices import SystemNotices
from lanchat.lan.machine.router import network_names
from lanchat.lan.machine.slumber import Slumber

LOOK_EVERY = 2.0
"""Seconds between two looks at the interfaces, where the system does not say what changes."""
LOOK_ANYWAY = 10.0
"""Seconds between two looks where it does, at once: looking is most of what a node does that has nothing to do."""
_GATHER = 0.1
"""Seconds that a notice waits for others: an interface that comes up is told of in a dozen."""


class Move(msgspec.Struct, frozen=True):
    """That this machine is somewhere else on the network, or may be.

    Attributes:
        here: the addresses of all interfaces that are up, without a zone.
        slept: whether the machine slept, so that none of its connections can be trusted.
    """

    here: frozenset[str]
    slept: bool = False

    def cuts(self, address: str) -> bool:
        """Return whether a connection with this address of ours leads nowhere now; "" where that is not known."""
        if not address:
            return self.slept
        own = address.partition("%")[0]
        return not ip_address(own).is_loopback and (self.slept or own not in self.here)


class MachineWatch:
    """Knows where this machine is on the network, and notices when that changes.

    Args:
        bind: as in `reach`.
        on_move: called when the addresses have changed, the one that people are shown is another, or the machine slept.
        look: reads the links of the interfaces that are up; called in a thread.

    Attributes:
        reach: where others reach this node; nowhere before the first look.
        shown: the address to show to people; empty before the first look.
        networks: by what the networks of these addresses are known again.
    """

    def __init__(
        self,
        bind: str = "",
        *,
        on_move: Callable[[Move], None] = lambda _: None,
        look: Callable[[], Sequence[InterfaceAddress]] = read_links,
    ) -> None:
        self.reach = Reach((), ())
        self.shown = ""
        self.networks: list[str] = []
        self._bind = bind
        self._on_move = on_move
        self._look = look
        self._links: frozenset[InterfaceAddress] | None = None
        self._read_at = -math.inf
        self._woken = asyncio.Event()
        self._noticed = asyncio.Event()
        self._notices = SystemNotices(self._notice)
        self._slumber = Slumber()

    @property
    def bound_away(self) -> bool:
        """Whether the one address that the node was told to use is not on this machine now."""
        return self._links is not None and bool(self._bind) and not self.reach.own

    def open(self) -> None:
        """Listen to the system, on the running event loop."""
        self._notices.open()

    def close(self) -> None:
        """Listen no more."""
        self._notices.close()

    def wake(self) -> None:
        """End the wait."""
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Wait until the system says that something changed, until `wake`, or so long, and never over LOOK_EVERY."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, LOOK_EVERY)):
                await self._woken.wait()
        if self._noticed.is_set():
            await asyncio.sleep(_GATHER)
        self._woken.clear()
        self._noticed.clear()

    async def look(self) -> None:
        """Read how it is now, and tell when it is another way than before."""
        slept, now = self._slumber.over(), asyncio.get_running_loop().time()
        if self._notices.there and not slept and now - self._read_at < LOOK_ANYWAY:
            return
        self._read_at = now
        links, self.reach, shown, self.networks = await asyncio.to_thread(self._read)
        known, before = self._links, (self._links, self.shown)
        self._links, self.shown = frozenset(links), shown
        if known is not None and (slept or before != (self._links, shown)):
            self._on_move(Move(frozenset(link.address for link in links), slept))

    def _read(self) -> tuple[Sequence[InterfaceAddress], Reach, str, list[str]]:
        links = self._look()
        there = reach(links, self._bind)
        return links, there, address_to_show(links, self._bind), network_names(there.own)

    def _notice(self) -> None:
        self._read_at = -math.inf
        self._noticed.set()
        self._woken.set()
