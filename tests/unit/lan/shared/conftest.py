"""Connections to the Redis of the tests, and rooms in it."""

from collections.abc import AsyncIterator

import pytest

from lanchat.lan.shared.durability import Durability
from lanchat.lan.shared.stream import RoomStream, Ways
from lanchat.layers.redis.connection import Pipeline, servers_of
from tests.support.journal.contract import ROOM
from tests.support.redis.servers import RedisServer


@pytest.fixture
async def pipeline(server: RedisServer) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(servers_of([("127.0.0.1", server.port)], 5)[0])
    yield pipeline
    await pipeline.close()


@pytest.fixture
async def stream(pipeline: Pipeline) -> RoomStream:
    """A room that was just made."""
    stream = RoomStream(Ways(pipeline, pipeline), "lanchat", ROOM, Durability(certain=True))
    await stream.found()
    return stream
