"""The two apps: the window's on loopback, the room app on the network. Routes of the one do not exist in the other."""

from collections.abc import Callable

import msgspec
from aiohttp import web

from lanchat.consumers.adapter import OPEN_SOCKETS, OpenSockets, websocket_handler
from lanchat.consumers.client import ClientConsumer
from lanchat.consumers.outbox import FrameCache
from lanchat.consumers.reception import Reception
from lanchat.consumers.room import LineCache, RoomConsumer
from lanchat.consumers.system import SystemConsumer
from lanchat.errors import InvalidFrame, Unauthorised
from lanchat.node import Node
from lanchat.web import page
from lanchat.web.guard import Handler, guard, refusal
from lanchat.web.keys import Keys

MAX_BODY = 65_536
"""Largest body of a request, in bytes."""


class _Token(msgspec.Struct):
    token: str


def window_app(
    node: Node, keys: Keys, front: Callable[[], dict[str, object]], address: Callable[[], str]
) -> web.Application:
    """Make the app of the owner's windows and programs.

    Args:
        node: the node.
        keys: who may use it.
        front: brings a window to the front, and gives the answer of `/front`.
        address: gives the URL at which a browser on the network joins.
    """
    app = _app(guard(loopback=True, is_key=keys.is_key, public=("/", "/assets/", "/token", "/ws")))
    app.add_routes(page.routes())
    app.add_routes(
        [
            web.post("/token", _swap(keys)),
            web.post("/front", _front(front)),
            web.get("/ws", websocket_handler(_client(node, keys.is_key, address))),
        ]
    )
    return app


def room_app(node: Node) -> web.Application:
    """Make the app of everybody else: guests, links, and plain WebSocket clients."""
    app = _app(guard(loopback=False, own_names=(f"lanchat-{node.info.id[:8]}.local",)))
    lines = LineCache()
    app.add_routes(page.routes())
    app.add_routes(
        [
            web.get("/ws", websocket_handler(_client(node, None, str))),
            web.get("/ws/room/{room_name}", websocket_handler(lambda: RoomConsumer(node.rooms, node.layer, lines))),
            web.get("/ws/system", websocket_handler(SystemConsumer)),
            web.get("/api/node", _describe(node)),
        ]
    )
    return app


def _app(middleware: object) -> web.Application:
    app = web.Application(middlewares=[middleware], client_max_size=MAX_BODY)  # type: ignore[list-item]
    app[OPEN_SOCKETS] = OpenSockets()
    app.on_shutdown.append(_close_sockets)
    return app


async def _close_sockets(app: web.Application) -> None:
    await app[OPEN_SOCKETS].close()


def _client(
    node: Node, is_key: Callable[[str], bool] | None, address: Callable[[], str]
) -> Callable[[], ClientConsumer]:
    reception = Reception(
        node=node.info,
        owner=node.owner,
        rooms=node.rooms,
        journal=node.journal,
        layer=node.layer,
        list_for=node.directory.list_for,
        is_key=is_key,
        frames=FrameCache(),
        address=address,
    )
    return lambda: ClientConsumer(reception)


def _swap(keys: Keys) -> Handler:
    async def swap(request: web.Request) -> web.StreamResponse:
        try:
            asked = msgspec.json.decode(await request.read(), type=_Token)
        except msgspec.DecodeError:
            return refusal(InvalidFrame("Send a JSON object with the one-time token as `token`."), 400)
        bearer = keys.swap(asked.token)
        if bearer is None:
            raise Unauthorised
        return web.json_response({"bearer": bearer})

    return swap


def _front(front: Callable[[], dict[str, object]]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response(front())

    return handle


def _describe(node: Node) -> Handler:
    async def describe(request: web.Request) -> web.StreamResponse:
        rooms = [
            {"id": room.id, "name": room.name, "members": len(room.people), "top": room.top}
            for room in node.rooms
            if room.is_home
        ]
        return web.json_response({"node": {"id": node.info.id, "name": node.info.name}, "rooms": rooms})

    return describe
