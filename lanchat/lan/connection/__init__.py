"""A client's connection to a node: its address, the hello, and the frames."""

from lanchat.lan.connection.address import NodeAddress, host_header
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import CONNECT, dial
from lanchat.lan.connection.secure import Pin, answering_context, dialling_context, node_named, server_name

__all__ = [
    "CONNECT",
    "Connection",
    "NodeAddress",
    "Pin",
    "answering_context",
    "dial",
    "dialling_context",
    "host_header",
    "node_named",
    "server_name",
]
