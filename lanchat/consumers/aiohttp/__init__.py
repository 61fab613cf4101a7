"""Consumers on aiohttp's server: the adapter, and a WebSocket as a consumer uses it."""

from lanchat.consumers.aiohttp.adapter import RequestHandler, add_asgi_app, add_consumers, handler_of
from lanchat.consumers.aiohttp.open_sockets import OPEN_SOCKETS, OpenSockets
from lanchat.consumers.aiohttp.scope import CLIENT, client_of, peer_of

__all__ = [
    "CLIENT",
    "OPEN_SOCKETS",
    "OpenSockets",
    "RequestHandler",
    "add_asgi_app",
    "add_consumers",
    "client_of",
    "handler_of",
    "peer_of",
]
