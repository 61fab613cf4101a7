"""Carries what is said about a room's voters to one other node, by a connection of its own."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence

from msgspec.structs import replace

from lanchat.errors import LanchatError, Unreachable
from lanchat.identity import NodeCertificate, Seal
from lanchat.lan.connection import Connection, NodeAddress, dial
from lanchat.lan.link.dialler import link_hello
from lanchat.protocol import NodeInfo, Quorum

_log = logging.getLogger(__name__)

IDLE = 30.0
"""Seconds without anything to carry after which a connection is ended."""
SILENT = 1.5
"""Seconds without an answer after which a connection leads nowhere, as after a pulled cable."""
_WAITING = 64
_DIAL = 1.0


class Courier:
    """Carries frames to one node for one room. What cannot be brought is dropped: who needed it asks again.

    Args:
        room: id of the room.
        node: id of the node.
        me: this node.
        seal: of its person; signs for guests here what has to be signed.
        certificate: by which this node proves which one it is.
    """

    def __init__(self, room: str, node: str, *, me: NodeInfo, seal: Seal, certificate: NodeCertificate) -> None:
        self.addresses: Sequence[str] = ()
        self._room = room
        self._node = node
        self._me = me
        self._seal = seal
        self._certificate = certificate
        self._frames: deque[Quorum] = deque(maxlen=_WAITING)
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether it has no connection, and nothing to carry."""
        return self._task is None or self._task.done()

    def send(self, frame: Quorum) -> None:
        """Carry a frame."""
        self._frames.append(frame)
        self._work.set()
        if self.idle:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="courier")

    async def close(self) -> None:
        """Carry no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        hello = link_hello(self._me, self._seal, self._room)
        for address in tuple(self.addresses):
            try:
                url = NodeAddress.parse(address, here=True).secure_url
                async with dial(
                    url, hello, patience=_DIAL, node=self._node, certificate=self._certificate
                ) as connection:
                    await self._carry(connection)
                    return
            except LanchatError as error:
                _log.debug("Node %s: %s", self._node, error)
        self._frames.clear()

    async def _carry(self, connection: Connection) -> None:
        """Carry what there is, until the other side is silent or there was nothing for a while."""
        heard = asyncio.Event()
        listening = asyncio.create_task(_listen(connection, heard))
        listening.add_done_callback(lambda _: self._work.set())
        try:
            while self._frames and not listening.done():
                self._work.clear()
                heard.clear()
                while self._frames:
                    await connection.submit(await sealed(self._frames.popleft(), self._seal))
                async with asyncio.timeout(SILENT):
                    await heard.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._work.wait()
        except TimeoutError:
            raise Unreachable("It answers no more.") from None
        finally:
            listening.cancel()
            await asyncio.wait({listening})


async def sealed(frame: Quorum, seal: Seal) -> Quorum:
    """Return a frame with its events as they leave this node, signed."""
    events = [entry.event for entry in frame.entries if entry.event is not None]
    if not events:
        return frame
    signed = iter(await seal.all_leaving(events))
    entries = [replace(entry, event=next(signed)) if entry.event is not None else entry for entry in frame.entries]
    return replace(frame, entries=entries)


async def _listen(connection: Connection, heard: asyncio.Event) -> None:
    """Read what the other side says, until the connection ends: only that it does is for us."""
    with contextlib.suppress(LanchatError):
        async for _ in connection:
            heard.set()
    heard.set()
