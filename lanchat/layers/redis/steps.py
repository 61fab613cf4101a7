"""Exchanges with servers as plain generators, so that one description serves with and without an event loop."""

import re
from collections.abc import Generator
from typing import TypeVar

from lanchat.layers.redis.connection import Reply
from lanchat.layers.redis.session import Requests

T = TypeVar("T")

Steps = Generator[Requests, list[list[Reply]], T]
"""An exchange with servers, without I/O: yields what to ask, is sent the replies, returns its result."""


def scanning(index: int, pattern: str) -> Steps[list[bytes]]:
    """Return the keys of the server `index` that match a glob."""
    found: set[bytes] = set()
    cursor = b"0"
    while True:
        [[[cursor, keys]]] = yield [(index, (("SCAN", cursor, "MATCH", pattern, "COUNT", 1000),))]
        found.update(keys)
        if cursor == b"0":
            return sorted(found)


def literally(text: str) -> str:
    """Return the glob of Redis that matches exactly `text`."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text)
