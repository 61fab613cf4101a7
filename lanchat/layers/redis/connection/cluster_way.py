"""The way to a cluster: each command goes to the server that has its key, and follows where a server points."""

import asyncio
import itertools
import logging
from collections.abc import Sequence

from redis.exceptions import AskError, MovedError

from lanchat.layers.errors import LayerUnreachable
from lanchat.layers.redis.connection.cluster import Cluster, slot_of
from lanchat.layers.redis.connection.connection import AWAY, Command, RedisEndpoint, Reply, unreachable
from lanchat.layers.redis.connection.pipeline import Pipeline
from lanchat.layers.redis.connection.way import Shard, Way

_log = logging.getLogger(__name__)
_MOST_MOVES = 4
_SCRIPTS = ("EVAL", "EVALSHA")


class ClusterWay(Way):
    """One pipeline to each server. One that points elsewhere has not done what it was asked, so that is asked again.

    Args:
        cluster: where it leads.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pipelines: dict[RedisEndpoint, Pipeline] = {}
        self._posted: set[asyncio.Task[list[Reply]]] = set()

    def __str__(self) -> str:
        return str(self._cluster)

    async def replies(self, *commands: Command) -> list[Reply]:
        """As `Way.replies`. A command without a key goes where the one before it went."""
        runs = _runs(commands)
        if len(runs) == 1:
            return await self._follow(runs[0])
        found = await asyncio.gather(*map(self._follow, runs))
        return [reply for replies in found for reply in replies]

    def post(self, *commands: Command) -> None:
        """As `Way.post`."""
        task = asyncio.create_task(self.replies(*commands))
        self._posted.add(task)
        task.add_done_callback(self._done)

    async def servers(self, tag: str) -> Sequence[Shard]:
        """As `Way.servers`."""
        try:
            owners = await self._cluster.owners()
        except AWAY as error:
            raise unreachable(self, error) from None
        masters = set(owners.values())
        tags: dict[RedisEndpoint, str] = {}
        for each in (f"{tag} {number}" for number in itertools.count(1)):
            if server := owners.get(slot_of(each)):
                tags.setdefault(server, each)
            if len(tags) == len(masters):
                break
        return [Shard(self._pipeline(server), server, own) for server, own in tags.items()]

    async def close(self) -> None:
        """As `Way.close`."""
        for task in self._posted:
            task.cancel()
        for pipeline in self._pipelines.values():
            await pipeline.close()

    async def _follow(self, commands: Sequence[Command]) -> list[Reply]:
        try:
            server = await self._cluster.owner(_key(commands[0]))
        except AWAY as error:
            raise unreachable(self, error) from None
        for _ in range(_MOST_MOVES):
            replies = await self._asked(server, commands)
            match replies[0]:
                case MovedError() as moved:
                    server = self._cluster.moved(moved)
                case AskError() as elsewhere:
                    there = self._cluster.server(elsewhere.node_addr)
                    return (await self._asked(there, [("ASKING",), *commands]))[1:]
                case _:
                    break
        return replies

    async def _asked(self, server: RedisEndpoint, commands: Sequence[Command]) -> list[Reply]:
        try:
            return await self._pipeline(server).replies(*commands)
        except LayerUnreachable:
            self._cluster.outdated()
            raise

    def _pipeline(self, server: RedisEndpoint) -> Pipeline:
        if server not in self._pipelines:
            self._pipelines[server] = Pipeline(server)
        return self._pipelines[server]

    def _done(self, task: "asyncio.Task[list[Reply]]") -> None:
        self._posted.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.debug("A command without an answer failed: %s", error)


def _runs(commands: Sequence[Command]) -> list[list[Command]]:
    """Part commands so that each part begins with one that has a key, and no other in it has."""
    runs: list[list[Command]] = []
    for command in commands:
        if runs and not _key(command):
            runs[-1].append(command)
        else:
            runs.append([command])
    return runs


def _key(command: Command) -> str:
    """Return the first key, or the topic, of a command that shared rooms use; empty when it has none."""
    name = command[0]
    if name == "WAITAOF":
        return ""
    return str(command[3 if name in _SCRIPTS else 1])
