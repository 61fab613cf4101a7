"""The two apps: the window's on loopback, the room app on the network. Routes of the one do not exist in the other."""

import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from lanchat.config import networks_in, words_in
from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.aiohttp import OPEN_SOCKETS, OpenSockets
from lanchat.lan import mdns_name
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery import MAX_TOLD
from lanchat.node import Node
from lanchat.rooms import PASSER, Room
from lanchat.sessions import OWNERS, ClientConsumer, RoomConsumer, SessionContext
from lanchat.web import page, windows
from lanchat.web.guard import Handler, add_headers, guard
from lanchat.web.operation import for_readers, health, metrics, ready, stats
from lanchat.web.proxies import Proxies
from lanchat.web.reach import reach
from lanchat.web.sharing import ProgramFile, download, with_ways
from lanchat.web.uploads import upload
from lanchat.web.watch import Watch
from lanchat.web.windows import Keys

MAX_BODY = 65_536
"""Largest body of a request, in bytes."""


PUBLIC = ("/", "/assets/", "/token", "/proof", "/ws", "/stats", "/stats/", "/metrics", "/health", "/ready")
"""What the window's app gives without a bearer: the page, what leads to a bearer, and numbers, which name nobody."""
_TO_THE_END = {"/health", "/ready", "/metrics"}
"""What a node answers that lets nobody in any more."""


def window_app(
    node: Node, keys: Keys, front: Callable[[], dict[str, object]], address: Callable[[], str], watch: Watch
) -> web.Application:
    """Make the app of the owner's windows and programs.

    Args:
        node: the node.
        keys: who may use it.
        front: brings a window to the front, and gives the answer of `/front`.
        address: gives the URL at which a browser on the network joins.
        watch: counts the sockets, and knows whether they are let go.
    """
    door = with_ways(node.door(is_key=keys.is_key, address=address), node, ProgramFile.running())
    app = _app(guard(loopback=True, is_key=keys.is_key, public=PUBLIC))
    app.add_routes(page.routes())
    app.add_routes(windows.routes(keys, _closing(node)))
    app.add_routes(
        [
            web.post("/front", _front(front)),
            web.get("/ws", watch.handler("client", _client(door))),
            web.post("/jobs/{id}", upload(node.access, node.transfers)),
            web.get("/metrics", metrics(node, watch)),
            web.get("/health", health(node, watch)),
            web.get("/ready", ready(node, watch)),
            web.get("/stats", stats.stats(node, watch)),
            web.get("/stats/style.css", stats.style),
        ]
    )
    return app


def room_app(node: Node, watch: Watch) -> web.Application:
    """Make the app of everybody else: guests, links, and plain WebSocket clients.

    Args:
        node: the node.
        watch: counts the sockets, and knows whether they are let go.
    """
    program = ProgramFile.running()
    readers = networks_in(node.config.readers, "readers")
    app = _app(
        guard(
            loopback=False,
            own_names=(mdns_name(node.info.id), *words_in(node.config.hosts)),
            charge=lambda address: node.addresses.charge_request(address, time.monotonic()),
            proxies=Proxies(networks_in(node.config.proxies, "proxies")),
            closed=lambda path: watch.draining.closed and path not in _TO_THE_END,
        )
    )
    app.add_routes(page.routes())
    app.add_routes(
        [
            web.get("/ws", watch.handler("client", _client(with_ways(node.door(), node, program)), node.addresses)),
            web.get(
                "/ws/room/{room_name}",
                watch.handler(
                    "room", lambda: RoomConsumer(node.access, node.rooms, node.hub, node.addresses), node.addresses
                ),
            ),
            web.get("/api/node", _describe(node)),
            web.get("/api/reach", reach(node)),
            web.get("/app", download(node, program), allow_head=False),
            web.get("/health", health(node, watch, readers)),
            web.get("/ready", ready(node, watch)),
            web.get("/metrics", for_readers(metrics(node, watch), readers)),
        ]
    )
    if node.config.showcase:
        app.add_routes(_showcase(node, watch))
    return app


def _showcase(node: Node, watch: Watch) -> list[web.AbstractRouteDef]:
    """Return the sockets of the tutorials, each on the layer that its alias names."""
    from lanchat import showcase  # noqa: PLC0415 - for those who ask for it

    layers = node.layers
    made: dict[str, Callable[[], AsyncWebsocketConsumer]] = {
        "system": showcase.SystemConsumer,
        "chat": lambda: showcase.ChatConsumer(layers=layers),
        "reliable": lambda: showcase.ReliableChatConsumer(layers=layers),
        "notifications": lambda: showcase.NotificationConsumer(layers=layers),
        "analytics": lambda: showcase.AnalyticsConsumer(layers=layers, count=node.analytics.count),
        "backgroundjob": lambda: showcase.BackgroundJobConsumer(layers=layers, jobs=node.showcase_jobs),
    }
    return [web.get(f"/ws/{name}", watch.handler(name, make, node.addresses)) for name, make in made.items()]


def _app(middleware: object) -> web.Application:
    app = web.Application(middlewares=[middleware], client_max_size=MAX_BODY)  # type: ignore[list-item]
    app.on_response_prepare.append(add_headers)
    app[OPEN_SOCKETS] = OpenSockets()
    app.on_shutdown.append(_close_sockets)
    return app


async def _close_sockets(app: web.Application) -> None:
    await app[OPEN_SOCKETS].close()


def _client(door: SessionContext) -> Callable[[], ClientConsumer]:
    return lambda: ClientConsumer(door)


def _closing(node: Node) -> Callable[[], Awaitable[None]]:
    """Return what closes the connections of windows whose key is valid no more."""
    return lambda: node.layer.group_send(OWNERS, {"type": "owner.signed_out"})


def _front(front: Callable[[], dict[str, object]]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response(front())

    return handle


def _whereabouts(room: Room) -> dict[str, object]:
    """Return where the home of a room is that this node only introduces."""
    if room.kind == "home":
        return {}
    home = room.record.home
    return {"home": {"id": home.id, "name": home.name}, "addresses": room.record.addresses}


def _asker(request: web.Request) -> NodeAddress | None:
    """Return where a node that asks says that it answers: at its own address, and a port that it names."""
    port = request.query.get("port", "")
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return NodeAddress.of(peer, int(port)) if peer and re.fullmatch(r"[0-9]{4,5}", port) else None


def _asked_at(request: web.Request) -> str:
    """Return at which address of this machine somebody asks."""
    here = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return NodeAddress.of(here).host if here else ""


def _describe(node: Node) -> Handler:
    async def describe(request: web.Request) -> web.StreamResponse:
        node.access.check(PASSER, "list")
        rooms = [
            {
                "id": room.id,
                "name": room.name,
                "members": len(room.presence),
                "top": room.top,
                "door": room.door.policy.door,
                "owner": room.record.owner,
                "salt": room.record.salt,
                **_whereabouts(room),
            }
            for room in node.directory.offered()
        ]
        asker = request.query.get("node", "")
        if (place := _asker(request)) is not None:
            node.network.discovery.meet(asker, place)
        others = [*node.network.bridges.told(_asked_at(request)), *node.network.discovery.neighbours(asker)]
        told = {
            "node": {"id": node.info.id, "name": node.info.name},
            "instance": node.twins.instance,
            "rooms": rooms,
            "nodes": [{"id": other.id, "address": other.address} for other in others[:MAX_TOLD]],
            "networks": node.network.discovery.networks,
        }
        return web.json_response(told)

    return describe
