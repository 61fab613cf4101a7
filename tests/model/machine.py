"""One machine with a node: real parts, real SQLite, and what may happen to them."""

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal, Protocol

import apsw

from lanchat.config import Config
from lanchat.identity import NodeCertificate
from lanchat.journal.schema import atomic
from lanchat.layers import InMemoryChannelLayer, Message
from lanchat.node import Node
from lanchat.protocol import Event
from lanchat.sessions.client import ClientConsumer
from lanchat.sessions.context import SessionContext
from lanchat.sessions.hub import Hub
from tests.model.lines import Line, NodeEnd
from tests.support.checker import Journal
from tests.support.consumers.lives import run

Door = Literal["window", "network"]


class Machine:
    """A machine on which a node runs, most of the time.

    Args:
        name: of the machine.
        folder: its disk.
        chance: decides how long frames take on cables to it.

    Attributes:
        name: of the machine.
        disk: where the node keeps its files now.
        disk_full: whether every commit fails.
        losing: how many messages to rooms the layer loses next.
        node: the running node.
    """

    def __init__(self, name: str, folder: Path, chance: Random) -> None:
        self.name = name
        self.disk = folder / name / "0"
        self.disk_full = False
        self.losing = 0
        self.node: Node | None = None
        self._chance = chance
        self._backup = folder / name / "backup"
        self._disks = 0
        self._connections: dict[asyncio.Task[None], NodeEnd] = {}
        self._doors: dict[Door, SessionContext] = {}

    @property
    def running(self) -> Node:
        """The node. It has to run."""
        assert self.node is not None
        return self.node

    @property
    def database(self) -> Path:
        """The database file."""
        return self.disk / "lanchat.db"

    def line(self, door: Door) -> Line:
        """Lay a cable to one of the node's doors."""
        return Line(_Door(self, door), self._chance)

    async def start(self) -> None:
        """Start a node."""
        node = Node(Config(data_dir=self.disk, downloads=self.disk, name=self.name))
        node.layer = Layer(self)
        node.hub = Hub(node.layer)
        self.node = await node.__aenter__()
        self._doors = {"window": node.door(is_key=lambda _: True), "network": node.door()}

    async def stop(self) -> None:
        """End the node in an orderly way."""
        for socket in self._connections.values():
            await socket.close(1001, "")
        await self._end()

    async def crash(self) -> None:
        """Lose everything that is not on the disk, and start a node again."""
        await self._die()
        await self.start()

    def back_up(self) -> None:
        """Copy the disk."""
        shutil.rmtree(self._backup, ignore_errors=True)
        shutil.copytree(self.disk, self._backup)

    async def restore(self) -> set[str]:
        """Crash, and have the disk as it was when it was copied. Give the nonces that went with it."""
        if not self._backup.exists():
            return set()
        await self._die()
        before = self._nonces()
        self.disk = self._new_disk()
        shutil.copytree(self._backup, self.disk)
        after = self._nonces()
        await self.start()
        return before - after

    async def events(self, room: str) -> list[Event]:
        """Return what the journal keeps of a room, as other nodes take it."""
        seal = self.running.owner.seal
        return [seal.leaving(event) for event in await self.running.journal.after(room, 0, 100_000)]

    def journal(self) -> Journal:
        """Return what the database holds, for the checker."""
        return Journal.read(self.name, self.database)

    def answer(self, door: Door, socket: NodeEnd) -> bool:
        """Take a connection; False when no node runs."""
        if self.node is None:
            return False
        consumer = ClientConsumer(self._doors[door])
        task = asyncio.get_running_loop().create_task(run(consumer, socket))
        self._connections[task] = socket
        task.add_done_callback(self._connections.pop)
        return True

    async def _die(self) -> None:
        """Lose everything that is not on the disk: what the old node still does goes to a disk that nobody looks at."""
        left, self.disk = self.disk, self._new_disk()
        shutil.copytree(left, self.disk)
        for socket in self._connections.values():
            socket.break_off()
        await self._end()

    async def _end(self) -> None:
        node, self.node = self.node, None
        if self._connections:
            await asyncio.wait(self._connections.keys())
        if node is not None:
            await node.__aexit__(None, None, None)

    def _nonces(self) -> set[str]:
        return {entry.nonce for entry in self.journal().entries}

    def _new_disk(self) -> Path:
        self._disks += 1
        return self.disk.with_name(str(self._disks))


class Layer(InMemoryChannelLayer):
    """A layer that loses messages to rooms when its machine says so."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    async def group_send(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        if group.startswith("room.") and self._machine.losing > 0:
            self._machine.losing -= 1
        else:
            await super().group_send(group, message, exclude=exclude)


class HasDisk(Protocol):
    """What has a disk with a database."""

    @property
    def database(self) -> Path:
        """The database file."""

    @property
    def disk_full(self) -> bool:
        """Whether every commit fails."""


class Disks:
    """In place of the writer's `atomic`: the same, on a disk that may be full.

    Args:
        machines: whose disks these are.
    """

    def __init__(self, *machines: HasDisk) -> None:
        self._machines = machines

    @contextlib.contextmanager
    def atomic(self, connection: apsw.Connection) -> Iterator[None]:
        """Keep all of a block or nothing; nothing when the disk is full."""
        with atomic(connection):
            yield
            if any(machine.disk_full and machine.database == Path(connection.filename) for machine in self._machines):
                raise apsw.FullError("database or disk is full")


class _Door:
    """Where a cable ends."""

    def __init__(self, machine: Machine, door: Door) -> None:
        self._machine, self._door = machine, door

    @property
    def certificate(self) -> NodeCertificate:
        return self._machine.running.keyring.node

    def answer(self, socket: NodeEnd) -> bool:
        return self._machine.answer(self._door, socket)
