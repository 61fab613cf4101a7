"""How a link comes to its home again and again: at the first address that answers, with pauses that grow."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

from lanchat.errors import LanchatError, NoSuchRoom, OtherNode, RefusedError, Unreachable
from lanchat.identity import NodeCertificate, Seal
from lanchat.lan.connection import Connection, NodeAddress, dial
from lanchat.limits import TokenRate
from lanchat.protocol import VERSION, Hello, NodeInfo
from lanchat.rooms import Room

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
"""Seconds before the first new attempt; each further one waits up to twice as long, at random."""
LONGEST_PAUSE = 4.0
"""Most seconds between two attempts. On a LAN one costs a packet, and who comes back wants to be there at once."""
SETTLED = 5.0
"""Seconds after which a connection was worth its while; after a shorter one the pauses go on to grow."""
NUDGES = TokenRate(1 / LONGEST_PAUSE, 3)
"""How often a nudge cuts a pause short: anybody on the network can say that the home is there again."""
_DIAL = 3.0


def link_hello(node: NodeInfo, seal: Seal, room: str) -> Hello:
    """Return how a node begins a link for one room of another, in the name of the person whose seal this is."""
    owner, signature = seal.id, seal.vow(node.id)
    return Hello(version=VERSION, client="link", node=node, owner=owner, owner_signature=signature, room=room)


class Dialler:
    """Connects to the home of a room, and never gives up. Whoever else answers in its place is told nothing.

    After every end it waits with exponential back-off and full jitter, or until `nudge`.

    Args:
        room: the mirror.
        node: this node.
        seal: of its person, whose node it says it is.
        certificate: by which this node proves to the home which one it is.
        addresses: gives where the home may be now, as `host:port`, the likeliest first.
        follow: lives through one connection to the home; what it raises ends the connection.
        on_change: called when `refused` has changed.
        on_missing: called when the home has said that it does not have the room.

    Attributes:
        refused: code of the reason why what answered in the place of the home, the last time that its addresses were
            tried, was not taken; empty when nothing did.
    """

    def __init__(
        self,
        room: Room,
        node: NodeInfo,
        addresses: Callable[[], Sequence[str]],
        follow: Callable[[Connection], Awaitable[None]],
        *,
        seal: Seal,
        certificate: NodeCertificate,
        on_change: Callable[[], None],
        on_missing: Callable[[], None] = lambda: None,
    ) -> None:
        self.refused = ""
        self._room = room
        self._node = node
        self._seal = seal
        self._certificate = certificate
        self._addresses = addresses
        self._follow = follow
        self._on_change = on_change
        self._on_missing = on_missing
        self._nudged = asyncio.Event()
        self._nudges_full = 0.0
        self._visit: asyncio.Timeout | None = None

    def nudge(self) -> None:
        """Try again now: the home was seen on the network. Too many nudges are passed over."""
        now = asyncio.get_running_loop().time()
        full = NUDGES.after(self._nudges_full, now)
        if not NUDGES.wait(full, now):
            self._nudges_full = full
            self._nudged.set()

    def renew(self) -> None:
        """Dial anew at once: the connection that there is, or is just being made, leads nowhere any more."""
        if self._visit is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                self._visit.reschedule(asyncio.get_running_loop().time())
        self._nudged.set()

    async def run(self) -> None:
        """Connect again after every end, until it is cancelled."""
        failures = 0
        while True:
            self._nudged.clear()
            begun = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(None) as self._visit:
                    await self.visit(self._follow)
                lasted = asyncio.get_running_loop().time() - begun
                failures = 0 if lasted >= SETTLED else failures + 1
            except LanchatError as error:
                failures += 1
                if isinstance(error, NoSuchRoom):
                    self._on_missing()
                _log.info("The home of room %r: %r", self._room.name, str(error))
            except Exception:  # noqa: BLE001 - a link that died of a surprise would never come back
                if self._visit is not None and self._visit.expired():
                    failures = 0
                    continue
                failures += 1
                _log.exception("The link of room %r failed", self._room.name)
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_PAUSE / 5 + random.uniform(0, longest)):
                    await self._nudged.wait()

    async def visit(self, follow: Callable[[Connection], Awaitable[None]]) -> None:
        """Do something with one connection to the home, at the first address where it answers.

        Raises:
            RefusedError: the home does not let this node in.
            LanchatError: it answers nowhere, or what was done failed.
        """
        home, others = self._room.record.home.id, ""
        hello = link_hello(self._node, self._seal, self._room.id)
        last: LanchatError = Unreachable("Its address is not known.")
        for address in self._addresses():
            try:
                url = NodeAddress.parse(address, here=True).secure_url
                async with dial(url, hello, patience=_DIAL, node=home, certificate=self._certificate) as connection:
                    self._note("")
                    await self._room.kept.remember_address(address)
                    await follow(connection)
                    return
            except OtherNode as error:
                others, last = error.code, error
            except RefusedError:
                raise
            except LanchatError as error:
                last = error
        self._note(others)
        raise last

    def _note(self, refused: str) -> None:
        if refused != self.refused:
            self.refused = refused
            self._on_change()
