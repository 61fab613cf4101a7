"""The announcements of this node's rooms, and how often they may change."""

import math
from collections.abc import Callable, Iterable
from typing import Protocol

from lanchat.lan.discovery.records import Advert, Service, label, service
from lanchat.limits import TokenRate
from lanchat.protocol import NodeInfo

UPDATE_EVERY = 5.0
"""Seconds between two announcements of one room when only its number of members changes."""


class Responder(Protocol):
    """The part of `mdns.Mdns` that announces."""

    async def announce(self, service: Service) -> None:
        """Announce an instance, or its change."""

    async def withdraw(self, label: str) -> None:
        """Withdraw an instance."""


class Announcer:
    """Brings what was announced in line with what is wanted.

    Args:
        node: this node.
        clock: seconds that only grow.
        budget: how often something is announced or withdrawn; what is beyond it waits, and is found by asking the node.
    """

    def __init__(self, node: NodeInfo, clock: Callable[[], float], budget: TokenRate) -> None:
        self._budget = budget
        self._full = 0.0
        self._node = node
        self._clock = clock
        self._wanted: dict[str, Advert] = {}
        self._announced: dict[str, tuple[Advert, float]] = {}

    def want(self, adverts: Iterable[Advert]) -> None:
        """Replace the set of rooms that others are to see."""
        self._wanted = {advert.id: advert for advert in adverts}

    async def announce(self, responder: Responder, port: int) -> float:
        """Announce and withdraw what is due.

        Args:
            responder: where to.
            port: TCP port of the room app.

        Returns:
            Seconds until something else is due; infinity when nothing is.
        """
        for known, _ in list(self._announced.values()):
            wanted = self._wanted.get(known.id)
            if wanted is None or label(wanted, self._node) != label(known, self._node):
                if wait := self._spend():
                    return wait
                del self._announced[known.id]
                await responder.withdraw(label(known, self._node))
        waits = [await self._announce_one(responder, port, advert) for advert in list(self._wanted.values())]
        return min(waits, default=math.inf)

    async def _announce_one(self, responder: Responder, port: int, advert: Advert) -> float:
        known, at = self._announced.get(advert.id, (None, -math.inf))
        if known == advert:
            return math.inf
        wait = at + UPDATE_EVERY - self._clock()
        if wait > 0:
            return wait
        if wait := self._spend():
            return wait
        self._announced[advert.id] = (advert, self._clock())
        await responder.announce(service(advert, self._node, port))
        return math.inf

    def _spend(self) -> float:
        """Count a change that all on the network are told, or return the seconds until it may be."""
        full = self._budget.after(self._full, self._clock())
        if wait := self._budget.wait(full, self._clock()):
            return wait
        self._full = full
        return 0.0
