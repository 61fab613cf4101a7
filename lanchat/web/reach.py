"""`/api/reach`: another node asks what this one sees of it."""

import time

import msgspec
from aiohttp import web

from lanchat.errors import InvalidFrame, SlowDown, Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery import HttpsProbe
from lanchat.node import Node
from lanchat.protocol import VERSION
from lanchat.rooms import PASSER
from lanchat.web.guard import Handler, refusal

MOST = 4
"""Most nodes that are dialled back at once; one of each address."""
_PORTS = range(1024, 65_536)


def reach(node: Node) -> Handler:
    """Return what answers: our version and clock, whether we have found the one who asks, and whether we reach it.

    Only the address that asks is dialled, and only a node that has the id which it claims counts as reached, so that
    nobody learns by us which ports are open elsewhere.
    """
    dialled: set[str] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        node.access.check(PASSER, "list")
        asker = request.query.get("node", "")
        try:
            port = _port(request.query.get("port", "0"))
        except InvalidFrame as error:
            return refusal(error, 400)
        told: dict[str, object] = {
            "version": VERSION,
            "at": time.time_ns() // 1_000_000,
            "hears": node.network.discovery.hears(asker),
        }
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        address = NodeAddress.of(peer).host if peer else ""  # with its zone, or a link-local one leads nowhere
        if port and asker and address:
            if address in dialled or len(dialled) >= MOST:
                return refusal(SlowDown("This Lanchat looks for others already; ask again in a few seconds."), 429)
            dialled.add(address)
            try:
                told["reaches"] = await _reaches(address, port, asker)
            finally:
                dialled.discard(address)
        return web.json_response(body=msgspec.json.encode(told))

    return answer


def _port(text: str) -> int:
    """Return the port that was asked for; 0 for none. Raises InvalidFrame."""
    try:
        port = int(text) if text.isascii() and len(text) <= 5 else -1  # noqa: PLR2004
    except ValueError:
        port = -1
    if port != 0 and port not in _PORTS:
        raise InvalidFrame(f"`port` is a number from {_PORTS[0]} to {_PORTS[-1]}, or 0 for none.")
    return port


async def _reaches(address: str, port: int, node: str) -> bool:
    try:
        await HttpsProbe().ask(address, port, node)
    except Unreachable:
        return False
    return True
