"""A client's connection to a node: its address, the hello, and the frames."""

from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import CONNECT, dial

__all__ = [
    "CONNECT",
    "Connection",
    "dial",
]
