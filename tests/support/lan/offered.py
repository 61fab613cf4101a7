"""What other nodes offer, as a test says, without a network."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery import FoundRoom
from lanchat.protocol import NodeInfo
from tests.support.rooms.said import THERE


class FakeDiscovery:
    """What the network found, set by the test."""

    def __init__(self, node: NodeInfo, *, on_change: Callable[[], None] = lambda: None, **given: Any) -> None:
        self.node, self.bind, self.on_change = node, given.get("bind", ""), on_change
        self.found: Mapping[str, FoundRoom] = {}
        self.places: dict[str, NodeAddress] = {}
        self.asked: list[str] = []

    def introducers(self, room: str) -> frozenset[str]:
        return frozenset({"aaa", "bbb", "zzz"} if room == "few" else {"aaa", "bbb", "ccc"})

    def see(self, *rooms: FoundRoom) -> None:
        self.found = {room.id: room for room in rooms}
        self.on_change()

    def find(self, room: str) -> FoundRoom | None:
        return self.found.get(room)

    def ask(self, node_id: str) -> None:
        self.asked.append(node_id)

    def place(self, node_id: str) -> NodeAddress | None:
        return self.places.get(node_id)


def introduced(room: str) -> FoundRoom:
    """What a node says of a room whose home does not answer it."""
    return msgspec.structs.replace(offer(room, port=1), by="somebody", at=("192.0.2.9:28280",))


def offer(
    room: str,
    name: str = "Hall",
    node: NodeInfo = THERE,
    *,
    members: int = 1,
    addresses: tuple[str, ...] = ("192.0.2.5",),
    port: int = 28_280,
) -> FoundRoom:
    return FoundRoom(id=room, name=name, node=node, addresses=addresses, port=port, members=members)
