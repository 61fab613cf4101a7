"""A client of protocol v1 over a socket: what links, scripts and the self-test are made of."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, TypeVar

import aiohttp

from lanchat.chat.codec import decode_notice, encode
from lanchat.chat.protocol import SILENCE, Command, Error, Hello, Notice, Welcome
from lanchat.errors import InvalidFrame, Unreachable, error_of

N = TypeVar("N")

CONNECT = 5.0
"""Seconds to wait for a node to answer."""
_MAX_NOTICE = 4 * 1024 * 1024
_PING = 20.0


@asynccontextmanager
async def dial(url: str, hello: Hello, *, patience: float = CONNECT) -> AsyncIterator["Connection"]:
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
                    max_msg_size=_MAX_NOTICE,
                    timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"No Lanchat answers at {url}: {str(error) or type(error).__name__}.") from None
        async with websocket:
            connection = Connection(websocket, url)
            try:
                async with asyncio.timeout(patience):
                    connection.welcome = await connection.ask(hello, Welcome)
            except TimeoutError:
                raise Unreachable(f"Something answers at {url}, but not as Lanchat does.") from None
            yield connection


class Connection:
    """One connection to a node. Iterate over it to get what the node says, until the connection ends.

    Attributes:
        url: where the node is.
        welcome: how it greeted.
    """

    welcome: Welcome

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, url: str) -> None:
        self.url = url
        self._websocket = websocket
        self._passed: deque[Notice] = deque()

    async def send(self, command: Command) -> None:
        """Send one command. Raises Unreachable when the connection has ended."""
        try:
            await self._websocket.send_str(encode(command).decode())
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"The connection to {self.url} ended: {error}.") from None

    async def ask(self, command: Command, answer: type[N]) -> N:
        """Send one command and give its answer; what comes in between is kept for whoever iterates.

        Raises:
            LanchatError: the error that the node answered with.
            Unreachable: the connection ended before the answer.
        """
        await self.send(command)
        while True:
            notice = await self._next()
            if notice is None:
                raise Unreachable(f"The node at {self.url} ended the connection without an answer.")
            if isinstance(notice, answer):
                return notice
            if isinstance(notice, Error):
                raise error_of(notice.code, notice.message)
            self._passed.append(notice)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notice:
        notice = self._passed.popleft() if self._passed else await self._next()
        if notice is None:
            raise StopAsyncIteration
        return notice

    async def _next(self) -> Notice | None:
        """Give the next notice; None when the connection has ended or the node is silent for too long."""
        try:
            message = await self._websocket.receive(timeout=SILENCE)
        except TimeoutError:
            return None
        if message.type is aiohttp.WSMsgType.TEXT:
            return decode_notice(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            raise InvalidFrame("The node sent a binary frame.")
        return None


async def _refuse_to_be_sent_elsewhere(*_: object) -> None:
    raise Unreachable("What answers there is no Lanchat: it sends us elsewhere.")
