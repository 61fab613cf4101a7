"""Sockets that this very process opens on machines of the lab: sixty people at once cost little more than one."""

import asyncio
import contextlib
import ctypes
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp

from lanchat.protocol import VERSION
from tests.support.conditions import eventually
from tests.support.lan.hosts import Host
from tests.support.lan.nodes import Node

PATIENCE = 300.0
"""Seconds that something may take which many do at once."""
_NEW_NETWORK = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Far:
    """One WebSocket, opened on a machine of the lab by this very process.

    Args:
        socket: the connection.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.frames: list[dict[str, Any]] = []
        self.rooms: dict[str, float] = {}
        self.heard = asyncio.create_task(self._hear())

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self._socket.send_json(frame)

    def last(self, kind: str) -> dict[str, Any] | None:
        """Return the last frame of a type."""
        return next((frame for frame in reversed(self.frames) if frame["type"] == kind), None)

    async def _hear(self) -> None:
        async for message in self._socket:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame["type"] == "rooms":
                for room in frame["rooms"]:
                    self.rooms.setdefault(room["name"], time.monotonic())


@contextlib.contextmanager
def on(host: Host) -> Iterator[None]:
    """Be on another machine: sockets that this thread makes meanwhile are of its network (setns(2))."""
    with Path("/proc/thread-self/ns/net").open() as here, Path("/run/netns", host.name).open() as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(here.fileno())


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextlib.asynccontextmanager
async def connected(host: Host, url: str, **hello: Any) -> AsyncIterator[Far]:
    """Open a WebSocket on a machine, and say hello."""

    def made(where: Any) -> socket.socket:
        with on(host):
            return socket.socket(where[0], where[1], where[2])

    connector = aiohttp.TCPConnector(socket_factory=made)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
        session.ws_connect(url, max_msg_size=0) as opened,
    ):
        far = Far(opened)
        await far.send(type="hello", version=VERSION, **hello)
        await eventually(lambda: far.last("welcome"), PATIENCE)
        yield far
        far.heard.cancel()
        await asyncio.gather(far.heard, return_exceptions=True)


def window_of(node: Node) -> contextlib.AbstractAsyncContextManager[Far]:
    """Open a window of a node."""
    running = node.running
    assert running is not None
    return connected(node.host, f"{running['window']}ws", client="window", token=running["key"])
