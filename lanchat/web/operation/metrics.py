"""What happened in this node and how it stands, for Prometheus: numbers only, for anybody on this machine."""

import time
from typing import NamedTuple

from aiohttp import web

from lanchat import __version__
from lanchat.layers import Statistics
from lanchat.metrics import COUNTERS
from lanchat.node import Node
from lanchat.web.guard import Handler
from lanchat.web.operation.exposition import CONTENT_TYPE, Family, Labels, exposed
from lanchat.web.watch import Watch

_KINDS = ("home", "mirror", "found")


class Snapshot(NamedTuple):
    """How a node stands at this moment.

    Attributes:
        rooms: how many there are of each kind.
        links: mirrors whose home answers.
        people: those who are in a room that is kept here; somebody who is in two counts once.
        sockets: connections of both apps.
        entries: entries of all rooms that are kept here.
        database: bytes of the database and of its journal files.
        uptime: seconds since the node was started.
    """

    rooms: dict[str, int]
    links: int
    people: int
    sockets: int
    entries: int
    database: int
    uptime: float

    @classmethod
    def of(cls, node: Node, watch: Watch) -> "Snapshot":
        """Look at a node."""
        here = list(node.rooms)
        known = {room.id for room in here}
        kinds: list[str] = [room.info.kind for room in here]
        kinds += [info.kind for info in node.network.found() if info.id not in known]
        people = {author.id for room in here for presence in room.presence.presences() for author in presence.members}
        return cls(
            rooms={kind: kinds.count(kind) for kind in _KINDS},
            links=sum(room.kind == "mirror" and room.info.online for room in here),
            people=len(people),
            sockets=watch.open,
            entries=sum(room.top for room in here),
            database=_size(node),
            uptime=round(time.monotonic() - node.begun, 3),
        )


def metrics(node: Node, watch: Watch) -> Handler:
    """Return the handler of `/metrics`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        waiting = await node.journal.ledgers.waiting()
        families = [*_counted(node), *_standing(Snapshot.of(node, watch)), *_carried(node, waiting), *_layers(node)]
        body = exposed(families)
        return web.Response(body=body.encode(), headers={"Content-Type": CONTENT_TYPE})

    return handle


def _counted(node: Node) -> list[Family]:
    families = []
    for name, counter in COUNTERS.items():
        samples = {_labels(counter.label, part): value for part, value in node.analytics.tally.parts(name).items()}
        families.append(Family(f"lanchat_{name}_total", "counter", f"{counter.text}.", samples))
    return families


def _standing(now: Snapshot) -> list[Family]:
    def gauge(name: str, text: str, value: float) -> Family:
        return Family(f"lanchat_{name}", "gauge", text, {(): value})

    by_kind = {_labels("kind", kind): count for kind, count in now.rooms.items()}
    return [
        Family("lanchat_info", "gauge", "Always 1; the version is its label.", {_labels("version", __version__): 1}),
        gauge("uptime_seconds", "Seconds since the node was started.", now.uptime),
        Family("lanchat_rooms", "gauge", "Rooms that this node knows.", by_kind),
        gauge("links_online", "Mirrors whose home answers.", now.links),
        gauge("people", "People in rooms that are kept here.", now.people),
        gauge("open_sockets", "Open WebSockets of both apps.", now.sockets),
        gauge("entries", "Entries of all rooms that are kept here.", now.entries),
        gauge("database_bytes", "Size of the database.", now.database),
    ]


def _carried(node: Node, waiting: int) -> list[Family]:
    """Return what shows whether messages get through: to whom they went, what waits, and how far Redis is ahead."""
    text = "Events that were handed to clients here, each once for each of them."
    families = [
        Family("lanchat_deliveries_total", "counter", text, {(): node.hub.deliveries}),
        Family("lanchat_outbox_waiting", "gauge", "What was said here and waits to be numbered.", {(): waiting}),
    ]
    if node.shared is not None:
        shared = node.shared.shared
        up, kept = int(not shared.problem), int(shared.durability.certain)
        families += [
            Family("lanchat_redis_up", "gauge", "Whether this node shares its rooms through Redis now.", {(): up}),
            Family("lanchat_redis_durable", "gauge", "Whether what Redis acknowledges is on its disk.", {(): kept}),
            Family("lanchat_redis_behind", "gauge", "Entries that Redis has and this node lacks.", {(): shared.behind}),
        ]
    return families


def _layers(node: Node) -> list[Family]:
    statistics = {alias: layer.statistics() for alias, layer in node.layers.items()}
    return [
        Family(
            f"lanchat_layer_{field}_total",
            "counter",
            f"Channel layers: {field}.",
            {_labels("layer", alias): getattr(counts, field) for alias, counts in statistics.items()},
        )
        for field in Statistics._fields
    ]


def _labels(name: str, value: str) -> Labels:
    return ((name, value),) if name else ()


def _size(node: Node) -> int:
    path = node.journal.path
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*") if file.is_file())
