"""Redis for the tests of layers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer
from lanchat.layers.redis.layer import RedisLayer
from tests.support.redis.servers import RedisServer

Kind = Callable[..., RedisLayer[Any]]
MakeLayer = Callable[..., Awaitable[RedisLayer[Any]]]
LAYERS: list[Kind] = [RedisPubSubChannelLayer, RedisChannelLayer]


@pytest.fixture(params=LAYERS, ids=["pubsub", "queue"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the two layers."""
    layer: Kind = request.param
    return layer


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    """What the test enters here is closed after it."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def make(kind: Kind, server: RedisServer, closing: AsyncExitStack) -> MakeLayer:
    """Make layers of both kinds on the server that stays up; all are closed after the test."""

    async def build(**settings: Any) -> RedisLayer[Any]:
        return await closing.enter_async_context(kind(**{"hosts": [server.url], **settings}))

    return build
