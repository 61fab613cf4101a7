"""Of which other nodes a node tells one that asks it: of many always the same few, other ones for each. Pure."""

import hashlib
import heapq
from collections.abc import Mapping

from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.probe import MAX_TOLD, ToldNode


def neighbours(places: Mapping[str, NodeAddress], asker: str) -> list[ToldNode]:
    """Return some of the nodes that answer, for another that asks.

    Args:
        places: where each answers, by its id. What means something on this machine only is told to nobody.
        asker: the id of the one that asks, as it says.
    """
    near = heapq.nsmallest(MAX_TOLD, places.items(), key=lambda known: _distance(known[0], asker))
    return [
        ToldNode(id=node, address=str(place)) for node, place in sorted(near) if node != asker and "%" not in place.host
    ]


def _distance(node: str, asker: str) -> bytes:
    """Return what orders nodes in another way for each that asks, as if by chance."""
    return hashlib.blake2b(f"{node} {asker[:64]}".encode(), digest_size=8).digest()
