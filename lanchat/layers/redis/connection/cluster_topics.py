"""The topics that one event loop is subscribed to at the servers of a cluster."""

import asyncio
import contextlib
from collections.abc import Callable

from lanchat.layers.redis.connection.cluster import Cluster
from lanchat.layers.redis.connection.connection import AWAY, RedisEndpoint
from lanchat.layers.redis.connection.topic_reader import TopicReader

_LOOK = 1.0
"""Seconds after which it is looked whether a slot has moved."""


class ClusterTopics:
    """Subscribes to each topic where the keys of its hash tag are: there those who listen are counted.

    A message reaches every server of a cluster, so none is missed while a slot moves.

    Args:
        cluster: whose topics.
        take: gets topic and body of each message.
        on_lost: called with the reason when a connection is lost.
        on_back: called when everything that is wanted of a server is subscribed again.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        take: Callable[[str, bytes], None],
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
    ) -> None:
        self._cluster = cluster
        self._take = take
        self._on_lost = on_lost
        self._on_back = on_back
        self._wanted: set[str] = set()
        self._placed: dict[str, RedisEndpoint] = {}
        self._readers: dict[RedisEndpoint, TopicReader] = {}
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, topic: str) -> None:
        """Subscribe to `topic` now, or as soon as its server is there."""
        self._wanted.add(topic)
        self._work.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def unsubscribe(self, topic: str) -> None:
        """Unsubscribe from `topic`."""
        self._wanted.discard(topic)
        self._work.set()

    async def close(self) -> None:
        """End the task and disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for reader in self._readers.values():
            await reader.close()

    async def _run(self) -> None:
        while True:
            self._work.clear()
            await self._arrange()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._work.wait()

    async def _arrange(self) -> None:
        for topic in self._placed.keys() - self._wanted:
            self._readers[self._placed.pop(topic)].unsubscribe(topic)
        for topic in tuple(self._wanted):
            with contextlib.suppress(*AWAY):  # whoever asks the cluster something says so
                self._place(topic, await self._cluster.owner(topic))
        for server in self._readers.keys() - set(self._placed.values()):
            await self._readers.pop(server).close()

    def _place(self, topic: str, server: RedisEndpoint) -> None:
        former = self._placed.get(topic)
        if server is former or topic not in self._wanted:
            return
        self._reader(server).subscribe(topic)
        self._placed[topic] = server
        if former is not None:
            self._readers[former].unsubscribe(topic)

    def _reader(self, server: RedisEndpoint) -> TopicReader:
        if server not in self._readers:
            self._readers[server] = TopicReader(server, take=self._take, on_lost=self._on_lost, on_back=self._on_back)
        return self._readers[server]
