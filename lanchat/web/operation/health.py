"""Whether a node lives, and whether somebody new should come to it: for load balancers and supervisors.

Who may not read more is told words and numbers only: no sentence, because there are addresses in it.
"""

from collections.abc import Collection
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from aiohttp import web

from lanchat import __version__
from lanchat.consumers.aiohttp import client_of
from lanchat.errors import Unauthorised
from lanchat.node import Node
from lanchat.web.guard import Handler
from lanchat.web.watch import Draining, Watch


def health(node: Node, watch: Watch, readers: Collection[IPv4Network | IPv6Network] | None = None) -> Handler:
    """Return the handler of `/health`: it answers as long as the node lives.

    Args:
        node: the node.
        watch: knows whether it is going.
        readers: who may read sentences as well; None for everybody who comes.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        told = state_of(node, watch.draining)
        if readers is None or may_read(request, readers):
            told |= _sentences(node)
        return web.json_response(told)

    return handle


def ready(node: Node, watch: Watch) -> Handler:
    """Return the handler of `/ready`: 200 when somebody new may come, else 503, first of all when the node drains."""

    async def handle(request: web.Request) -> web.StreamResponse:
        going = watch.draining.begun
        status = HTTPStatus.SERVICE_UNAVAILABLE if going else HTTPStatus.OK
        return web.json_response({"ready": not going} | state_of(node, watch.draining), status=status)

    return handle


def for_readers(handler: Handler, readers: Collection[IPv4Network | IPv6Network]) -> Handler:
    """Return a handler that answers only those who may read the numbers of this node from elsewhere."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not may_read(request, readers):
            raise Unauthorised("Name this address in the setting `readers` of the node to read its numbers from here.")
        return await handler(request)

    return handle


def may_read(request: web.Request, readers: Collection[IPv4Network | IPv6Network]) -> bool:
    """Return whether a request comes from one of these networks."""
    try:
        address = ip_address(client_of(request).partition("%")[0])
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in readers)


def state_of(node: Node, draining: Draining) -> dict[str, Any]:
    """Return how a node stands, in words and numbers that name nobody.

    `redis` is `none`, `there` or `away`; `kept` is `disk` or `may_lose`; `behind` counts the entries that this node
    lacks of what Redis has.
    """
    told: dict[str, Any] = {"version": __version__, "draining": draining.begun, "redis": "none", "kept": "disk"}
    if node.shared is not None:
        shared = node.shared.shared
        told["redis"] = "away" if shared.problem else "there"
        told["kept"] = "disk" if shared.durability.certain else "may_lose" if shared.durability.known else "unknown"
        told["behind"] = shared.behind
    return told


def _sentences(node: Node) -> dict[str, Any]:
    if node.shared is None:
        return {}
    shared = node.shared.shared
    return {"problem": shared.problem, "warnings": shared.durability.warnings}
