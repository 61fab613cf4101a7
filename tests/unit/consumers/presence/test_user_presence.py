"""Users over layers: two processes are two presences. Joins and leaves, a process that dies, consumers that vanish."""

import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from lanchat.consumers import AsyncJsonWebsocketConsumer
from lanchat.consumers.access import AuthMiddleware, cookies_of
from lanchat.consumers.presence.user_presence import UserPresence
from lanchat.consumers.scope import Scope
from lanchat.layers import (
    BaseChannelLayer,
    InMemoryChannelLayer,
    LayerError,
    Message,
    layer_from_url,
    register_channel_layer,
    unregister_channel_layer,
)
from tests.support.conditions import eventually
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.redis.servers import RedisServer


class Here:
    """A connection: it keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.channel_name = ""

    async def at(self, layer: BaseChannelLayer) -> "Here":
        self.channel_name = await layer.new_channel()
        layer.attach(self.channel_name, self.take)
        return self

    def take(self, message: Message) -> None:
        self.told.append((message["type"].removeprefix("presence."), message["user"]))


@pytest.fixture(params=["memory", "redis+pubsub", "redis+queue"])
async def layer(request: pytest.FixtureRequest) -> AsyncIterator[BaseChannelLayer]:
    url = "memory://"
    if request.param != "memory":
        server: RedisServer = request.getfixturevalue("server")
        url = server.url.replace("redis", request.param, 1)
    async with layer_from_url(url) as layer:
        await layer.flush()
        yield layer


async def test_users_join_and_leave_over_processes(layer: BaseChannelLayer) -> None:
    one, two = (UserPresence(layer, grace=0.05, lease=60) for _ in range(2))
    ada, again, bob = [await Here().at(layer) for _ in range(3)]
    assert await one.enter("room 7", "ada", ada) == ["ada"]
    await two.enter("room 7", "bob", bob)
    await eventually(lambda: one.users("room 7") == two.users("room 7") == ["ada", "bob"])
    await two.enter("room 7", "ada", again)
    await two.enter("another", "eve", again)
    await one.leave("room 7", ada)
    await eventually(lambda: ada.told[:2] == [("join", "ada"), ("join", "bob")])
    assert two.users("room 7") == ["ada", "bob"]
    await two.leave("room 7", again)
    await eventually(lambda: bob.told[-1] == ("leave", "ada"))
    assert sorted(bob.told) == [("join", "ada"), ("join", "bob"), ("leave", "ada")]
    assert (one.users("room 7"), two.users("room 7")) == ([], ["bob"])
    await one.close()
    await two.close()
    await two.leave("room 7", bob)


async def test_the_users_of_a_process_that_died_leave(layer: BaseChannelLayer) -> None:
    one, two = (UserPresence(layer, grace=0.05, lease=0.4) for _ in range(2))
    ada, bob = [await Here().at(layer) for _ in range(2)]
    await one.enter("room", "ada", ada)
    await two.enter("room", "bob", bob)
    await eventually(lambda: ("join", "bob") in ada.told and two.users("room") == ["ada", "bob"])
    topic = two._topics.pop("room")
    assert topic._running is not None
    topic._running.cancel()
    layer.detach(topic._channel)
    await eventually(lambda: ("leave", "bob") in ada.told)
    assert one.users("room") == ["ada"]
    await one.close()


async def test_a_consumer_that_is_no_more_has_left() -> None:
    async with InMemoryChannelLayer() as layer:
        presence = UserPresence(layer, grace=0)
        people = [await Here().at(layer) for _ in range(2)]
        await presence.enter("room", "ada", people[0])
        await presence.enter("room", "bob", people[1])
        layer.detach(people.pop().channel_name)
        gc.collect()
        await eventually(lambda: ("leave", "bob") in people[0].told)
        layer.detach(people.pop().channel_name)
        gc.collect()
        await eventually(lambda: presence._topics == {} and layer.groups == {})


async def test_there_are_not_too_many_topics_and_no_layer_is_said() -> None:
    async with InMemoryChannelLayer() as layer:
        presence = UserPresence(layer, most_topics=1)
        ada = await Here().at(layer)
        await presence.enter("one", "ada", ada)
        with pytest.raises(LayerError, match="1 topics of presence"):
            await presence.enter("two", "ada", ada)
        with pytest.raises(ValueError, match="A user's name"):
            await presence.enter("one", "", await Here().at(layer))
        await presence.close()
        with pytest.raises(LayerError, match="No layer is called 'nowhere'"):
            await UserPresence("nowhere").enter("one", "ada", ada)


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_consumers_are_told(serving: Serving) -> None:
    presence = UserPresence(grace=0.05)

    class Room(AsyncJsonWebsocketConsumer):
        async def connect(self) -> None:
            await self.accept()
            await self.send_json(await presence.enter("room", self.scope["user"], self))

        async def disconnect(self, code: int) -> None:
            await presence.leave("room", self)

        async def presence_join(self, event: Message) -> None:
            await self.send_json(["join", event["user"]])

        async def presence_leave(self, event: Message) -> None:
            await self.send_json(["leave", event["user"]])

    async def by_cookie(scope: Scope) -> str:
        return cookies_of(scope)["user"]

    async def hear(client: ClientConnection) -> Any:
        return json.loads(await client.recv())

    async with InMemoryChannelLayer() as layer, serving(AuthMiddleware(Room, by_cookie)) as at:
        register_channel_layer("default", layer)
        async with connect(f"ws://{at}/", additional_headers={"Cookie": "user=ada"}) as ada:
            assert sorted([await hear(ada), await hear(ada)]) == [["ada"], ["join", "ada"]]
            async with connect(f"ws://{at}/", additional_headers={"Cookie": "user=bob"}) as bob:
                assert await hear(bob) == ["ada", "bob"]
                assert await hear(ada) == ["join", "bob"]
            assert await hear(ada) == ["leave", "bob"]
        await eventually(lambda: presence._topics == {})
        unregister_channel_layer("default")
