"""Cables between machines and people: frames take their time, keep their order, and are lost when the cable is cut."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar, cast

import aiohttp

from lanchat.consumers import Scope
from lanchat.errors import Unreachable
from lanchat.identity import NodeCertificate
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import CONNECT, greet
from lanchat.protocol import Hello
from tests.model.clockwork import DELAYS

T = TypeVar("T")


class Host(Protocol):
    """What a cable leads to."""

    @property
    def certificate(self) -> NodeCertificate:
        """Under what a node there answers."""

    def answer(self, socket: "NodeEnd") -> bool:
        """Take a connection; False when nobody listens."""


class Cable:
    """One cable, and what flows over it.

    Args:
        chance: decides how long a frame takes.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._flows: dict[Flow[Any], None] = {}
        self.whole = True
        self.stalled = False

    def cut(self) -> None:
        """Break the cable: what is on its way is lost, both ends notice, and nobody gets through."""
        self.whole = False
        self.sever()

    def mend(self) -> None:
        """Let everything through again."""
        self.whole = True
        self.stalled = False
        for flow in tuple(self._flows):
            flow.resume()

    def stall(self) -> None:
        """Hold everything back, without anybody noticing."""
        self.stalled = True

    def sever(self) -> None:
        """End every connection; what is on its way is lost."""
        for flow in tuple(self._flows):
            flow.sever()

    def delay(self) -> float:
        """Return how long the next frame takes, in seconds."""
        return self._chance.choice(DELAYS)

    def forget(self, flow: "Flow[Any]") -> None:
        """A flow has ended."""
        self._flows.pop(flow, None)

    def flow(self) -> "Flow[Any]":
        """Begin to send something over it in one direction."""
        flow: Flow[Any] = Flow(self)
        self._flows[flow] = None
        return flow


class Line(Cable):
    """A cable to a node.

    Args:
        host: what it leads to.
        chance: decides how long a frame takes.
    """

    def __init__(self, host: Host, chance: Random) -> None:
        super().__init__(chance)
        self._host = host

    @asynccontextmanager
    async def dial(
        self,
        url: str,
        hello: Hello,
        *,
        patience: float = CONNECT,
        node: str = "",
        certificate: NodeCertificate | None = None,
    ) -> AsyncIterator[Connection]:
        """Connect as `lanchat.lan.connection.connection.dial` does. Raises LanchatError."""
        there, here = self.flow(), self.flow()
        socket = NodeEnd(there, here)
        if not self.whole or not self._host.answer(socket):
            raise Unreachable(f"No Lanchat answers at {url}.")
        there_is = self._host.certificate
        assert node in {"", there_is.id}
        end = ClientEnd(here, there)
        connection = Connection(cast("aiohttp.ClientWebSocketResponse", end), url)
        try:
            try:
                async with asyncio.timeout(patience):
                    await greet(connection, hello, there_is.fingerprint, certificate)
            except TimeoutError:
                raise Unreachable(f"Something answers at {url}, but not as Lanchat does.") from None
            yield connection
        finally:
            end.close()


class Flow(Generic[T]):
    """The frames of one connection in one direction; None is its end."""

    def __init__(self, cable: Cable) -> None:
        self.ended = False
        self._cable = cable
        self._flying: deque[T | None] = deque()
        self._arrived: deque[T] = deque()
        self._late = 0
        self._news = asyncio.Event()

    def send(self, frame: T | None) -> None:
        """Send one frame on its way; nobody hears whether it arrives."""
        if not self.ended:
            self._flying.append(frame)
            asyncio.get_running_loop().call_later(self._cable.delay(), self._land)

    @property
    def waiting(self) -> bool:
        """Whether a frame has arrived that nobody has taken."""
        return bool(self._arrived)

    async def receive(self) -> T | None:
        """Return the next frame; None when there will be none."""
        while not self._arrived:
            if self.ended:
                return None
            self._news.clear()
            await self._news.wait()
        return self._arrived.popleft()

    def resume(self) -> None:
        """Let what was held back arrive."""
        late, self._late = self._late, 0
        for _ in range(late):
            self._land()

    def sever(self) -> None:
        """End it, and lose what is on its way."""
        self.ended = True
        self._flying.clear()
        self._cable.forget(self)
        self._news.set()

    def _land(self) -> None:
        if self._cable.stalled:
            self._late += 1
        elif self._flying:
            frame = self._flying.popleft()
            if frame is None:
                self.sever()
            else:
                self._arrived.append(frame)
                self._news.set()


class Received(NamedTuple):
    """A message as aiohttp's client gives it."""

    type: aiohttp.WSMsgType
    data: Any = None


class ClientEnd:
    """The client's end of a connection, with what `Connection` needs of aiohttp's."""

    def __init__(self, incoming: Flow[str], outgoing: Flow[str]) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    async def send_str(self, text: str) -> None:
        """Send one text. Raises ConnectionResetError when the connection is known to have ended."""
        if self._incoming.ended or self._outgoing.ended:
            raise ConnectionResetError("the connection has ended")
        self._outgoing.send(text)

    async def receive(self, timeout: float) -> Received:  # noqa: ASYNC109 - as aiohttp's
        """Wait for the next message. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            text = await self._incoming.receive()
        return Received(aiohttp.WSMsgType.CLOSED) if text is None else Received(aiohttp.WSMsgType.TEXT, text)

    def close(self) -> None:
        """Take nothing more, and tell the other end."""
        self._incoming.sever()
        self._outgoing.send(None)


class NodeEnd:
    """The node's end of a connection: a `consumers.Socket`."""

    accepted = False
    close_code = 1006
    peer = ""

    congested = False

    async def drained(self) -> None:
        raise AssertionError("nobody waits for this reader")

    def __init__(self, incoming: Flow[str], outgoing: Flow[str]) -> None:
        self.scope: Scope = {"scheme": "wss"}
        self._incoming, self._outgoing = incoming, outgoing

    async def accept(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        """Begin."""
        self.accepted = True

    async def receive(self) -> str | bytes | None:
        """Wait for the next text."""
        return await self._incoming.receive()

    def send_text(self, payload: str | bytes) -> None:
        """Send one text."""
        self._outgoing.send(payload if isinstance(payload, str) else payload.decode())

    def send_bytes(self, payload: bytes) -> None:
        """No node sends that here."""
        raise AssertionError("the protocol speaks text")

    def write(self, frames: bytes) -> None:
        """Send what is in ready-made frames."""
        while frames:
            size, start = frames[1], 2
            if size >= 126:
                start = 4 if size == 126 else 10
                size = int.from_bytes(frames[2:start], "big")
            self.send_text(frames[start : start + size])
            frames = frames[start + size :]

    push = write

    @property
    def frames(self) -> Self:
        """Takes ready-made frames."""
        return self

    async def close(self, code: int, reason: str) -> None:
        """Send what waits, then end."""
        self.close_code = code
        self._incoming.sever()
        self._outgoing.send(None)

    def break_off(self) -> None:
        """End at once, as when the machine is gone."""
        self._incoming.sever()
        self._outgoing.sever()
