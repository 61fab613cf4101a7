"""A client's connection to a node, in protocol frames: what links, scripts and the self-test are made of."""

import itertools
from collections import deque
from collections.abc import Callable
from typing import Self, TypeVar

import aiohttp
import msgspec

from lanchat.errors import InvalidFrame, Unreachable, error_of
from lanchat.lan.connection.address import NodeAddress
from lanchat.protocol import (
    SILENCE,
    Answer,
    Challenge,
    Command,
    Error,
    Event,
    Hello,
    Post,
    Prove,
    Reply,
    Welcome,
    decode_reply,
    encode,
)

MOST_PASSED = 10_000
"""Most frames that are kept for whoever iterates while somebody waits for an answer."""
MOST_PASSED_BYTES = 4 * 1024 * 1024
"""Most bytes of JSON in them."""
A = TypeVar("A", bound=Answer)


class Connection:
    """One connection to a node. Iterate over it to get what the node says, until the connection ends.

    One task at a time reads from it, by iterating or by waiting for an answer; every task may send.

    Attributes:
        url: where the node is.
        node: id of the node that answered, by its certificate; empty where there is no TLS.
        fingerprint: SHA-256 of this certificate.
        welcome: how it greeted.
    """

    welcome: Welcome

    def __init__(
        self, websocket: aiohttp.ClientWebSocketResponse, url: str, node: str = "", fingerprint: str = ""
    ) -> None:
        self.url = url
        self.node = node
        self.fingerprint = fingerprint
        self._websocket = websocket
        self._passed: deque[Reply] = deque()
        self._passed_bytes = 0
        self._size = 0
        self._refs = itertools.count(1)

    @property
    def here(self) -> str:
        """Address of this machine at its end of the connection; empty when the connection has ended."""
        return self._end("sockname")

    @property
    def there(self) -> str:
        """Address of the other machine; empty when the connection has ended."""
        return self._end("peername")

    async def greet(self, hello: Hello, prove: Callable[[str], Prove] | None = None) -> None:
        """Say hello and wait for the welcome. An error that comes before it is about the hello: nothing else was said.

        Args:
            hello: who speaks.
            prove: answers the other side's nonce with a proof, where hello says that a node speaks.

        Raises:
            LanchatError: the error that the node answered with.
            InvalidFrame: it said something else first.
            Unreachable: the connection ended before the answer.
        """
        await self.send(hello)
        reply = await self._awaited()
        if isinstance(reply, Challenge) and prove is not None:
            await self.send(prove(reply.nonce))
            reply = await self._awaited()
        if isinstance(reply, Error):
            raise error_of(reply.code, reply.message, reply.wait)
        if not isinstance(reply, Welcome):
            raise InvalidFrame(f"The node said {type(reply).__name__} before its welcome.")
        self.welcome = reply

    async def send(self, command: Command) -> None:
        """Send one command. Raises Unreachable when the connection has ended."""
        try:
            await self._websocket.send_str(encode(command).decode())
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"The connection to {self.url} ended: {error}.") from None

    async def submit(self, command: Command) -> int:
        """Send one command under a ref of its own, and return that: one answer will carry it. Raises Unreachable."""
        ref = next(self._refs)
        await self.send(msgspec.structs.replace(command, ref=ref))
        return ref

    async def ask(self, command: Command, answer: type[A]) -> A:
        """Send one command and return its answer; what comes in between is kept for whoever iterates.

        Raises:
            LanchatError: the error that the node answered with.
            InvalidFrame: it answered with something else, or with too much before the answer.
            Unreachable: the connection ended before the answer.
        """
        ref = await self.submit(command)
        while True:
            reply = await self._awaited()
            if not isinstance(reply, Answer) or reply.ref != ref:
                self._pass(reply)
            elif isinstance(reply, answer):
                return reply
            elif isinstance(reply, Error):
                raise error_of(reply.code, reply.message, reply.wait)
            else:
                raise InvalidFrame(f"The node answered with {type(reply).__name__} instead of {answer.__name__}.")

    async def say(self, post: Post) -> Event:
        """Send one post and return its event, once the room's home has kept it; both are known by the nonce.

        Raises:
            LanchatError: the error that the node answered with.
            InvalidFrame: too much came before the event.
            Unreachable: the connection ended before the event came.
        """
        await self.send(post)
        while True:
            reply = await self._awaited()
            if isinstance(reply, Event) and (reply.room, reply.nonce) == (post.room, post.nonce):
                return reply
            if isinstance(reply, Error) and reply.nonce == post.nonce:
                raise error_of(reply.code, reply.message, reply.wait)
            self._pass(reply)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Reply:
        if self._passed:
            reply: Reply | None = self._passed.popleft()
            self._passed_bytes = self._passed_bytes if self._passed else 0
        else:
            reply = await self._next()
        if reply is None:
            raise StopAsyncIteration
        return reply

    def _end(self, which: str) -> str:
        found = self._websocket.get_extra_info(which)
        return NodeAddress.of(found).host if found else ""

    def _pass(self, reply: Reply) -> None:
        """Keep what came before an answer. Raises InvalidFrame when that is too much."""
        self._passed.append(reply)
        self._passed_bytes += self._size
        if len(self._passed) > MOST_PASSED or self._passed_bytes > MOST_PASSED_BYTES:
            self._passed.clear()
            raise InvalidFrame(f"The node said too much before its answer: over {MOST_PASSED} frames, or 4 MiB.")

    async def _awaited(self) -> Reply:
        """Return the next frame that comes in. Raises Unreachable when there is none."""
        reply = await self._next()
        if reply is None:
            raise Unreachable(f"The node at {self.url} ended the connection without an answer.")
        return reply

    async def _next(self) -> Reply | None:
        """Return the next frame that comes in; None when the connection has ended or the node is silent too long."""
        try:
            message = await self._websocket.receive(timeout=SILENCE)
        except TimeoutError:
            return None
        if message.type is aiohttp.WSMsgType.TEXT:
            self._size = len(message.data)
            return decode_reply(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            raise InvalidFrame("The node sent a binary frame.")
        if isinstance(message.data, aiohttp.WebSocketError):
            raise InvalidFrame(f"The node sent a frame that is too large, or is none: {message.data}.")
        return None
