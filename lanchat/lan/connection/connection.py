"""A client's connection to a node, in protocol frames: what links, scripts and the self-test are made of."""

from collections import deque
from typing import Self, TypeVar

import aiohttp

from lanchat.errors import InvalidFrame, Unreachable, error_of
from lanchat.protocol import SILENCE, Command, Error, Reply, Welcome, decode_reply, encode

N = TypeVar("N")


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
        self._passed: deque[Reply] = deque()

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

    async def __anext__(self) -> Reply:
        notice = self._passed.popleft() if self._passed else await self._next()
        if notice is None:
            raise StopAsyncIteration
        return notice

    async def _next(self) -> Reply | None:
        """Return the next notice; None when the connection has ended or the node is silent for too long."""
        try:
            message = await self._websocket.receive(timeout=SILENCE)
        except TimeoutError:
            return None
        if message.type is aiohttp.WSMsgType.TEXT:
            return decode_reply(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            raise InvalidFrame("The node sent a binary frame.")
        return None
