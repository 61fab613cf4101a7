"""HTTP around a node: two apps on two sockets, both behind the guard."""

from lanchat.web.server import Server, serve

__all__ = [
    "Server",
    "serve",
]
