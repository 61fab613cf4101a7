"""The composition root: builds every part of a node in order and joins them, and nothing else does."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from lanchat.chat import names
from lanchat.chat.journal import Journal
from lanchat.chat.owner import Owner
from lanchat.chat.protocol import Author, Event, NodeInfo
from lanchat.chat.rooms import Rooms
from lanchat.config import Config
from lanchat.consumers.client import LISTENERS
from lanchat.errors import AlreadyRunning, DataDirUnusable
from lanchat.lan.directory import Directory
from lanchat.lan.discovery import Discovery
from lanchat.lan.network import Network
from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer

_log = logging.getLogger(__name__)

LOOK_AROUND = 1.5
"""Seconds that a node looks for rooms on the network at its very first start, before it opens one."""


class Node:
    """One running Lanchat, without its sockets. Use it with `async with`.

    Args:
        config: every setting.

    Attributes:
        config: every setting.
        info: the node's id and name.
        owner: the person whose node it is.
        journal: the durable record.
        layer: the channel layer.
        rooms: the rooms with their home or a mirror here.
        directory: the lists of rooms.
        network: the rooms of other nodes.
    """

    info: NodeInfo
    owner: Owner
    journal: Journal
    rooms: Rooms
    directory: Directory
    network: Network

    def __init__(self, config: Config) -> None:
        self.config = config
        self.layer: BaseChannelLayer = InMemoryChannelLayer()
        self._stack = contextlib.AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def me(self) -> Author:
        """The person whose node it is, as others see them."""
        return self.owner.author

    @property
    def discovery(self) -> Discovery:
        """What finds rooms on the network."""
        return self.network.discovery

    async def __aenter__(self) -> Self:
        """Build the node.

        Raises:
            DataDirUnusable: nothing can be written there.
            AlreadyRunning: another Lanchat uses it.
            JournalError: the database cannot be used.
            InvalidRoomName: no room can have the name that was asked for.
            InvalidNick: nobody can have the name that was asked for.
        """
        async with contextlib.AsyncExitStack() as stack:
            if self.config.room:
                names.room_name(self.config.room)
            _own(self.config.data_dir, stack)
            await stack.enter_async_context(self.layer)
            self.journal = await stack.enter_async_context(
                Journal(self.config.data_dir / "lanchat.db", on_commit=self._publish)
            )
            self.info = await self._identify()
            self.owner = await Owner.load(self.journal, given=self.config.nick, default=self.config.default_nick)
            self.rooms = Rooms(self.info, self.journal, self.layer, self._changed)
            self.network = Network(self.info, self.journal, self._changed, bind=self.config.bind)
            self.directory = Directory(self.rooms, self.network, self.layer, LISTENERS)
            self.rooms.network = self.network
            stack.push_async_callback(self.rooms.close)
            await self.rooms.load()
            stack.push_async_callback(self._end_tasks)
            self._begin(self.directory.run(), "directory")
            self._begin(self.rooms.keep_present(), "presence")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def appear(self, port: int) -> None:
        """Announce the node and look for others, in the background, and open the room to begin with.

        Args:
            port: TCP port of the room app, which listens already.
        """
        self._stack.push_async_callback(self.discovery.close)
        await self.discovery.start(port)
        self._changed()
        self._begin(self._open_first_room(), "first room")

    async def disappear(self) -> None:
        """Say goodbye to the network."""
        await self.discovery.close()

    async def _identify(self) -> NodeInfo:
        settings = await self.journal.settings()
        identity = settings.get("node")
        if identity is None:
            identity = secrets.token_hex(16)
            await self.journal.put_setting("node", identity)
        return NodeInfo(id=identity, name=self.config.name)

    async def _open_first_room(self) -> None:
        """Give a node that has no room one: what was asked for, else the network's busiest, else a new one."""
        wanted = self.config.room
        if wanted and self.rooms.here(wanted) is None:
            await self._look_around(wanted)
        if wanted:
            await self.rooms.open(wanted)
        elif not len(self.rooms):
            await asyncio.sleep(LOOK_AROUND)
            await self.rooms.open_first()

    async def _look_around(self, name: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AROUND):
                while self.network.find(name=name) is None:
                    await self.directory.next_change()

    def _changed(self) -> None:
        self.directory.changed()

    async def _publish(self, room: str, events: list[Event]) -> None:
        await self.rooms.publish(room, events)

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(_report)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _own(data_dir: Path, stack: contextlib.AsyncExitStack) -> None:
    """Make the data directory, readable by its owner only, and lock it until `stack` ends."""
    lock = filelock.FileLock(data_dir / "node.lock", timeout=0)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(lock)
    except filelock.Timeout:
        raise AlreadyRunning(f"Lanchat already runs on the data directory {data_dir}.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataDirUnusable(f"The data directory {data_dir} cannot be used: {reason}.") from None


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("The task %r of the node failed", task.get_name(), exc_info=error)
