"""Hands on what two nodes say to each other that do not reach each other: bytes, which nobody reads here."""

import asyncio
import contextlib
import socket
from typing import Protocol

from lanchat.lan.connection import NodeAddress
from lanchat.web.between.wanted import wanted_node

MOST = 64
"""Most connections that are handed on at once."""
CONNECT = 3.0
"""Seconds for the home to answer."""
IDLE = 75.0
"""Seconds of silence after which a connection is ended; links say something every twenty."""
_PIECE = 65_536
_LOOK = 1.0


class Homes(Protocol):
    """Knows to which nodes others are passed on."""

    @property
    def any(self) -> bool:
        """Whether there is one."""

    def passes(self, node: str) -> bool:
        """Return whether others are passed on to a node."""

    def home(self, node: str) -> NodeAddress | None:
        """Return where a node answers to which others are passed on; None where nobody is passed on to it."""


class Between:
    """Connects who names the home of a room that this node passes on with that home.

    Args:
        homes: knows those homes.
    """

    def __init__(self, homes: Homes) -> None:
        self._homes = homes
        self._open = 0

    async def take(self, connection: socket.socket) -> bool:
        """Hand a connection on until it ends, if it wants another node than this one.

        Args:
            connection: begins with TLS; does not block.

        Returns:
            False where it is for this node: then nothing was taken from it.
        """
        if not self._homes.any:
            return False
        try:
            node = await wanted_node(connection)
        except OSError:
            return True
        if not self._homes.passes(node):
            return False
        place = self._homes.home(node)
        if place is None or self._open >= MOST:
            return True
        self._open += 1
        try:
            with contextlib.suppress(OSError, TimeoutError):
                await self._hand_on(connection, node, place)
        finally:
            self._open -= 1
        return True

    async def _hand_on(self, connection: socket.socket, node: str, place: NodeAddress) -> None:
        async with asyncio.timeout(CONNECT):
            reader, writer = await asyncio.open_connection(place.host, place.port)
        with contextlib.closing(writer):
            asking_reader, asking_writer = await asyncio.open_connection(sock=connection)
            with contextlib.closing(asking_writer):
                parts = [
                    asyncio.create_task(part)
                    for part in (_copy(asking_reader, writer), _copy(reader, asking_writer), self._until_over(node))
                ]
                try:
                    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for part in parts:
                        part.cancel()
                    await asyncio.gather(*parts, return_exceptions=True)

    async def _until_over(self, node: str) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if not self._homes.passes(node):
                return


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        async with asyncio.timeout(IDLE):
            piece = await reader.read(_PIECE)
        if not piece:
            return
        writer.write(piece)
        await writer.drain()
