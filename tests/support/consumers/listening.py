"""A WebSocket client that says little and hears what comes."""

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.conditions import LONG


async def first(url: str, **headers: str) -> str | bytes:
    """Connect, and return the first line that comes."""
    async with asyncio.timeout(LONG), connect(url, additional_headers=headers) as client:
        return await client.recv()


async def knock(url: str, **headers: str) -> int:
    """Connect, and return the status of the answer to the handshake, or the code of a close that follows at once.

    The names of headers are written with underscores.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        async with asyncio.timeout(LONG), connect(url, additional_headers=named) as client:
            await client.send("hello")
            await client.recv()
            return 101
    except InvalidStatus as error:
        return error.response.status_code
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd is not None else 1006
