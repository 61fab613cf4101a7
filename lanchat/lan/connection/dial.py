"""How a client reaches a node: connect, say hello, and be welcomed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from lanchat.errors import Unreachable
from lanchat.lan.connection.connection import Connection
from lanchat.protocol import Hello

CONNECT = 5.0
"""Seconds to wait for a node to answer."""
MAX_REPLY = 272 * 1024
"""Largest frame that is taken, in bytes: nothing that a node makes is over 256 KiB but for its braces."""
_PING = 20.0


@asynccontextmanager
async def dial(url: str, hello: Hello, *, patience: float = CONNECT) -> AsyncIterator[Connection]:
    """Connect to a node, say hello, and give the connection once the node has said welcome.

    Args:
        url: of the node's room app or window's app, as `http://192.0.2.5:28280/`.
        hello: who speaks.
        patience: seconds to wait for the answer.

    Raises:
        Unreachable: nobody answers there, or not as Lanchat does.
        LanchatError: the node refused, for example UnsupportedVersion or Unauthorised.
    """
    timeout = aiohttp.ClientTimeout(total=None, connect=patience, sock_connect=patience)
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_to_be_sent_elsewhere)
    async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False, trace_configs=[trace]) as session:
        try:
            async with asyncio.timeout(patience):
                websocket = await session.ws_connect(
                    url.rstrip("/") + "/ws",
                    heartbeat=_PING,
                    compress=0,
                    max_msg_size=MAX_REPLY,
                    timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"No Lanchat answers at {url}: {str(error) or type(error).__name__}.") from None
        async with websocket:
            connection = Connection(websocket, url)
            try:
                async with asyncio.timeout(patience):
                    await connection.greet(hello)
            except TimeoutError:
                raise Unreachable(f"Something answers at {url}, but not as Lanchat does.") from None
            yield connection


async def _refuse_to_be_sent_elsewhere(*_: object) -> None:
    raise Unreachable("What answers there is no Lanchat: it sends us elsewhere.")
