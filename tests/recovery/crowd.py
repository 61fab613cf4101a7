"""Many who talk in one room of one node or of two, and the verdict on what became of it."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from lanchat.journal import RoomRecord
from tests.recovery.chatter import Chatter
from tests.recovery.node import SILENCE, Node, starting
from tests.support.checker import History, Verdict, check
from tests.support.conditions import eventually
from tests.support.faults import Wire, lasting

_PATIENT = 20
"""Posts that somebody says without seeing one of them arrive."""
CATCH_UP = 60.0
"""Seconds until everybody must have everything, once every fault has ended. A machine may be busy with other things."""


class Crowd:
    """Chatters in one room, and the nodes that keep it.

    Args:
        nodes: the room's home first, then its mirrors.
        room: its id.

    Attributes:
        history: what the chatters did and saw.
        chatters: all of them.
    """

    def __init__(self, room: str, *nodes: Node) -> None:
        self.room = room
        self.nodes = list(nodes)
        self.history = History()
        self.chatters: list[Chatter] = []
        self._stack = contextlib.AsyncExitStack()

    @property
    def home(self) -> Node:
        """The room's home."""
        return self.nodes[0]

    @property
    def acknowledged(self) -> int:
        """How many posts were acknowledged so far."""
        return len(self.history.ok)

    @property
    def longest(self) -> float:
        """Seconds that somebody waited at most until what they said was acknowledged."""
        return max(delay for chatter in self.chatters for delay in chatter.delays)

    async def come(self, count: int, url: str) -> list[Chatter]:
        """Let so many chatters come to a node at this address."""
        first = len(self.chatters)
        new = [Chatter(f"chatter {first + number}", self.room, self.history, url) for number in range(count)]
        for chatter in new:
            await self._stack.enter_async_context(chatter)
        self.chatters += new
        await eventually(lambda: all(chatter.online for chatter in new), CATCH_UP, "all have come")
        return new

    async def more(self, count: int) -> None:
        """Wait until so many more posts were acknowledged."""
        enough = self.acknowledged + count
        await eventually(lambda: self.acknowledged >= enough, CATCH_UP, f"{count} more posts are acknowledged")

    @contextlib.asynccontextmanager
    async def talking(self, dice: random.Random, every: float = 0.01, most: int | None = None) -> AsyncIterator[None]:
        """Everybody says something now and then, during the block; until `most` was said, when that is given.

        Who sees that nothing goes out stops typing, until it does.
        """

        async def talk() -> None:
            said = 0
            while most is None or said < most:
                chatter = dice.choice(self.chatters)
                if len(chatter.outbox) < _PATIENT:
                    chatter.say("x" * dice.choice((1, 30, 300)))
                    said += 1
                await lasting(every)

        task = asyncio.create_task(talk(), name="talk")
        try:
            yield
            if most is not None:
                await task
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def caught_up(self) -> None:
        """Wait until nothing waits to be sent, and everybody has seen everything."""
        await eventually(lambda: not any(chatter.outbox for chatter in self.chatters), CATCH_UP, "all is acknowledged")
        top = max(entry.seq for node in self.nodes for entry in node.journal().entries)
        await eventually(lambda: {chatter.cursor.seq for chatter in self.chatters} == {top}, CATCH_UP, f"all at {top}")

    async def verdict(self, *, authors_in_order: bool = True) -> Verdict:
        """Wait until everybody has everything, end the nodes well, and compare. Fails when the promise was broken."""
        await self.caught_up()
        await self._stack.aclose()
        for node in self.nodes:
            node.stop()
            assert "Traceback" not in node.log, node.log
        verdict = check(self.history, [node.journal() for node in self.nodes], authors_in_order=authors_in_order)
        assert not verdict.faults, verdict.faults
        said = sum(len(nonces) for nonces in self.history.invoked.values())
        assert len(self.history.ok) + len(self.history.failed) == said > 0, (said, self.history)
        return verdict

    async def leave(self) -> None:
        """Everybody goes."""
        await self._stack.aclose()


@contextlib.asynccontextmanager
async def one_at_each(nodes: Sequence[Node], records: Sequence[RoomRecord]) -> AsyncIterator[Crowd]:
    """Nodes of one room, and somebody who talks at each of them.

    Args:
        nodes: which are not settled yet.
        records: what each of them knows of the room.
    """
    async with contextlib.AsyncExitStack() as stack:
        for node, record in zip(nodes, records, strict=True):
            await node.settle(record)
            stack.enter_context(starting(node))
        for node in nodes:
            await node.ready()
        crowd = Crowd(records[0].id, *nodes)
        try:
            for node in nodes:
                await crowd.come(1, node.url)
            yield crowd
        finally:
            await crowd.leave()


@contextlib.asynccontextmanager
async def one_node(folder: Path, *, clock: Path | None = None, silence: float | None = SILENCE) -> AsyncIterator[Crowd]:
    """A node with a room, and nobody in it yet.

    Args:
        folder: where its data is.
        clock: file of the Clock that it goes by.
        silence: seconds after which a silent connection is given up; None for the product's own.
    """
    node = Node(folder / "home", "home", clock=clock, silence=silence)
    room = RoomRecord(id=secrets.token_hex(16), name="room", home=node.info)
    await node.settle(room)
    with starting(node):
        await node.ready()
        crowd = Crowd(room.id, node)
        try:
            yield crowd
        finally:
            await crowd.leave()


@contextlib.asynccontextmanager
async def two_nodes(
    folder: Path, *, far_folder: Path | None = None, silence: float | None = SILENCE
) -> AsyncIterator[tuple[Crowd, Wire]]:
    """A room's home, a wire, and a mirror that knows the home only through the wire. Nobody is in the room yet.

    Args:
        folder: where their data is.
        far_folder: where that of the mirror is, if it is elsewhere.
        silence: as for `one_node`.
    """
    async with one_node(folder, silence=silence) as crowd, Wire(crowd.home.port) as wire:
        far = Node((far_folder or folder) / "far", "far", silence=silence)
        home = RoomRecord(id=crowd.room, name="room", home=crowd.home.info, addresses=(f"127.0.0.1:{wire.port}",))
        await far.settle(home)
        with starting(far):
            await far.ready()
            crowd.nodes.append(far)
            try:
                yield crowd, wire
            finally:
                await crowd.leave()
