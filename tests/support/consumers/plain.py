"""Plain WebSocket clients at a node, as any program would connect."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from lanchat.web.server import Server


def plain(server: Server, socket: str) -> connect:
    """Connect to `/ws/…` of the room app."""
    return connect(f"{server.lan_url}ws/{socket}".replace("http", "ws"))


async def lines(client: ClientConnection, count: int) -> list[str | bytes]:
    """Return the next lines that a client gets."""
    async with asyncio.timeout(60):
        return [await client.recv() for _ in range(count)]


async def objects(client: ClientConnection, count: int) -> list[Any]:
    """Return the next lines, each read as JSON."""
    return [json.loads(line) for line in await lines(client, count)]
