"""The nodes that answered in each network, kept in a file: where multicast leads to nobody, they are asked again."""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from lanchat.errors import InvalidSetting
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.records import is_id

MOST_NETWORKS = 16
"""Networks that are remembered: those in which somebody was found last."""
MOST_NODES = 64
"""Nodes of each."""
_MOST_NAME = 160
_MOST_BYTES = 256 * 1024


class RememberedNetwork(msgspec.Struct, frozen=True):
    """What one network had: when that was, in seconds since 1970, and by id where its nodes answered."""

    at: float
    nodes: dict[str, str]


class NodeMemory:
    """Remembers where nodes answered, by network.

    What a file says is checked as if a stranger had said it: somebody may have copied or edited it.

    Args:
        path: the file; None remembers nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._networks: dict[str, RememberedNetwork] = {}

    def load(self) -> None:
        """Read the file. What cannot be read is as if it was not there."""
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                given = msgspec.json.decode(file.read(_MOST_BYTES + 1)[:_MOST_BYTES], type=dict[str, RememberedNetwork])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        latest = sorted(given.items(), key=lambda item: item[1].at, reverse=True)[:MOST_NETWORKS]
        self._networks = {
            name: RememberedNetwork(network.at, _readable(network.nodes))
            for name, network in reversed(latest)
            if len(name) <= _MOST_NAME
        }

    def nodes(self, networks: Iterable[str]) -> list[tuple[str, NodeAddress]]:
        """Return the nodes that answered in these networks and where, those of the last time."""
        known = [self._networks[name] for name in networks if name in self._networks]
        return [(node, NodeAddress.parse(where)) for network in known for node, where in network.nodes.items()]

    def note(self, networks: Iterable[str], places: Mapping[str, NodeAddress]) -> bool:
        """Take where nodes answer in these networks now. Returns whether that is worth a new file.

        Nodes that do not answer just now stay, unless there are too many.
        """
        changed = False
        for name in networks:
            known = self._networks.pop(name, RememberedNetwork(0.0, {}))
            nodes = dict(known.nodes)
            for node, place in places.items():
                nodes.pop(node, None)
                nodes[node] = str(place)
            kept = dict(list(nodes.items())[-MOST_NODES:])
            if kept:
                changed = changed or kept != known.nodes
                self._networks[name] = RememberedNetwork(time.time(), kept)
        while len(self._networks) > MOST_NETWORKS:
            del self._networks[next(iter(self._networks))]
        return changed

    def save(self) -> None:
        """Write the file, readable by its owner only; what cannot be written is not remembered."""
        if self._path is None:
            return
        new = self._path.with_name(f"{self._path.name}.new")
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(self._networks))
            new.replace(self._path)


def _readable(nodes: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for node, where in list(nodes.items())[-MOST_NODES:]:
        with contextlib.suppress(InvalidSetting):
            if is_id(node):
                found[node] = str(NodeAddress.parse(where))
    return found
