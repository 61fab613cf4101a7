"""A Redis as nodes reach it: servers that are killed, started again and replaced, and the cables to them."""

import asyncio
import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

import redis
from redis.exceptions import ResponseError

from lanchat.layers.redis.connection import Command, Pipeline, RedisConnection, RedisEndpoint, Reply, TopicReader
from lanchat.layers.redis.connection.hosts import hosts_of
from tests.model.lines import Cable, Flow
from tests.model.shared.engine import Engine
from tests.model.shared.server import Answer, Kind, Nature, Server
from tests.support.faults import lasting

_PATIENCE = 3.0
_EPOCH = 1_800_000_000.0
_LEFT = 0.8
_AHEAD = (0.0, 0.0, -3.0, 3.0)
"""Seconds by which the clock of a server may be ahead of others."""


class PlayedRedis:
    """The Redis of a world.

    Args:
        engine: does what its servers are asked.
        kind: when that is on a disk.
        chance: decides how long everything takes.
        head: the key by which the room's head is known.

    Attributes:
        faults: what a server let nodes have that it could lose.
        server: the one that numbers, or would.
        running: whether it runs.
    """

    def __init__(self, engine: Engine, kind: Kind, chance: Random, head: str) -> None:
        self.faults: list[str] = []
        self.running = True
        self._engine = engine
        self._kind = kind
        self._chance = chance
        self._nature = Nature(engine, kind, chance, head, self.faults)
        self._all: list[Server] = []
        self._former: Server | None = None
        self._left: frozenset[str] = frozenset()
        self.server = self._run(engine.take())

    @property
    def replicated(self) -> bool:
        """Whether what is acknowledged has to be on the disk of a replica."""
        return self._kind == "replicated"

    @property
    def kept(self) -> int:
        """The highest seq that nodes were let have by any server."""
        return max(server.kept for server in self._all)

    def reached_by(self, node: str) -> Server | None:
        """Return the server that a new connection of a node reaches; None when it runs no more.

        Who was left at a former one may come to either: one connection to the one, and another to the other.
        """
        if self._former is not None and node in self._left and self._chance.random() < _LEFT:
            return self._former
        return self.server if self.running else None

    async def kill(self) -> None:
        """End the server as a power cut does: what is not on its disk is gone."""
        if not self.running:
            return
        self.running = False
        await self.server.end()
        if self._kind == "none":
            self._engine.clear(self.server.database)
        elif self._kind != "always":
            self._engine.copy(self.server.disk.database, self.server.database)

    async def start(self) -> None:
        """Start the server again with what is on its disk."""
        if not self.running:
            self._forget(self.server)
            self.server = self._run(self.server.database)
            self.running = True

    async def fail_over(self, *left: str) -> None:
        """Put the replica in the place of the server; nodes that are left at the former one take it for the server."""
        await self.end_former()
        former, database = self.server, self._engine.take()
        self._engine.copy(former.replica.database, database)
        if self.running and left:
            self._former, self._left = former, frozenset(left)
            former.leave(*left)
        else:
            await self._end(former)
        self.server = self._run(database)
        self.running = True

    async def end_former(self) -> None:
        """Let nobody be left at a server in whose place there is another."""
        former, self._former = self._former, None
        if former is not None:
            await self._end(former)

    async def close(self) -> None:
        """End all servers."""
        await self.end_former()
        await self._end(self.server)

    def _run(self, database: int) -> Server:
        server = Server(self._nature, database, f"run{len(self._all) + 1}", _EPOCH + self._chance.choice(_AHEAD))
        self._all.append(server)
        return server

    async def _end(self, server: Server) -> None:
        await server.end()
        self._forget(server)
        self._engine.give_back(server.database)

    def _forget(self, server: Server) -> None:
        for image in (server.disk, server.replica):
            self._engine.give_back(image.database)


class PlayedDeployment:
    """In place of the `Deployment` of one node: real pipelines and a real reader over a cable.

    Args:
        redis: the Redis.
        node: who reaches it.
        cable: over which.
    """

    def __init__(self, redis: PlayedRedis, node: str, cable: Cable) -> None:
        self._endpoint = _Endpoint(redis, node, cable)

    def way(self) -> Pipeline:
        """As of `Deployment`."""
        return Pipeline(self._endpoint)

    def topics(
        self,
        *,
        take: Callable[[str, bytes], None],
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
    ) -> TopicReader:
        """As of `Deployment`."""
        return TopicReader(self._endpoint, take=take, on_lost=on_lost, on_back=on_back)


class _Endpoint(RedisEndpoint):
    def __init__(self, played: PlayedRedis, node: str, cable: Cable) -> None:
        super().__init__(hosts_of([("redis", 6379)])[0], _PATIENCE)
        self._redis = played
        self._node = node
        self._cable = cable

    async def open(self) -> RedisConnection:
        """As `RedisEndpoint.open`, at whichever server answers this node now."""
        await lasting(self._cable.delay())
        if self._cable.stalled:
            await lasting(_PATIENCE)
            raise TimeoutError
        server = self._redis.reached_by(self._node)
        if server is None or server.ended or not self._cable.whole:
            raise redis.ConnectionError("nobody listens there")
        there, here = self._cable.flow(), self._cable.flow()
        server.connect(self._node, there, here)
        return RedisConnection(_Raw(there, here), None)


class _Raw:
    """In place of redis-py's connection: what `RedisConnection` calls of it."""

    def __init__(self, there: Flow[Sequence[Command]], here: Flow[Answer]) -> None:
        self._there, self._here = there, here

    @property
    def is_connected(self) -> bool:
        return not (self._there.ended or self._here.ended)

    async def can_read(self) -> bool:
        return self._here.waiting

    def pack_commands(self, commands: Sequence[Command]) -> Sequence[Command]:
        return commands

    async def send_packed_command(self, commands: Sequence[Command], *, check_health: Literal[False]) -> None:
        if not self.is_connected:
            raise redis.ConnectionError("the connection has ended")
        self._there.send(commands)

    async def read_response(self, *, disable_decoding: Literal[True], timeout: float) -> Reply:  # noqa: ASYNC109
        try:
            async with asyncio.timeout(None if timeout == math.inf else timeout):
                answer = await self._here.receive()
        except TimeoutError:
            return None
        if answer is None:
            raise redis.ConnectionError("the connection has ended")
        if isinstance(answer.reply, ResponseError):
            raise answer.reply
        return answer.reply

    async def disconnect(self, *, nowait: bool) -> None:
        self._here.sever()
        self._there.send(None)


def url_of(node: str) -> str:
    """Return by which URL a node knows the Redis."""
    return f"redis://{node}"


def node_of(url: str) -> str:
    """Return which node knows the Redis by a URL."""
    return url.removeprefix("redis://")
