"""Examines the network for a node: whom it could ask, and what it makes of the answers."""

import asyncio
from collections.abc import Iterable

from lanchat.identity import TwinWatch
from lanchat.lan.connection import NodeAddress
from lanchat.lan.diagnosis.causes import diagnose, tried
from lanchat.lan.diagnosis.examination import Acquaintance, Patient, examine
from lanchat.lan.discovery import Discovery
from lanchat.protocol import Diagnosis, NodeInfo
from lanchat.rooms import Room


class Doctor:
    """Says why nobody is found. One examination runs at a time; whoever asks meanwhile gets the next.

    Args:
        node: this node; without an id when none runs.
        discovery: what finds rooms on the network.
        rooms: the rooms of this node, which keep the addresses of their homes.
        bind: the one address that the node was told to use; empty for all.
        twins: knows whether another machine has the keys of this one; None where no node runs.
    """

    def __init__(
        self,
        node: NodeInfo,
        discovery: Discovery,
        rooms: Iterable[Room],
        bind: str = "",
        twins: TwinWatch | None = None,
    ) -> None:
        self._node = node
        self._discovery = discovery
        self._rooms = rooms
        self._bind = bind
        self._twins = twins
        self._turn = asyncio.Lock()

    async def diagnose(self) -> Diagnosis:
        """Return what is wrong with the network, and what was tried to find that out. Takes about five seconds."""
        async with self._turn:
            facts = await examine(
                Patient(
                    node=self._node,
                    port=self._discovery.port if self._node.id else 0,
                    bind=self._bind,
                    announces=self._discovery.announces,
                    known=tuple(self._known()),
                    twin=self._twins.address if self._twins else "",
                )
            )
        return Diagnosis(findings=diagnose(facts), tried=tried(facts))

    def _known(self) -> Iterable[Acquaintance]:
        for offer in self._discovery.found.values():
            places = tuple(str(NodeAddress(host, offer.port)) for host in offer.addresses)
            yield Acquaintance(offer.node, places, found=self._discovery.hears(offer.node.id))
        for room in self._rooms:
            if room.kind == "mirror" and room.record.addresses:
                yield Acquaintance(room.record.home, room.record.addresses)
