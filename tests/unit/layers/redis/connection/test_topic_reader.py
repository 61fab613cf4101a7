import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import TopicReader, servers_of
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut, half_open
from tests.support.redis.servers import RedisServer, free_port, in_thread


class Heard:
    """A reader, and what it brought."""

    def __init__(self, port: int, **settings: Any) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.told: list[str] = []
        self.reader = TopicReader(
            servers_of([("127.0.0.1", port)], settings.pop("timeout", 5))[0],
            take=lambda topic, body: self.messages.append((topic, body)),
            on_lost=lambda _: self.told.append("lost"),
            on_back=lambda: self.told.append("back"),
            **settings,
        )

    async def hear(self, *topics: str) -> None:
        for topic in topics:
            self.reader.subscribe(topic)
        for topic in topics:
            await self.reader.subscribed(topic)


@asynccontextmanager
async def reader(port: int, **settings: Any) -> Any:
    heard = Heard(port, **settings)
    try:
        yield heard
    finally:
        await heard.reader.close()


@pytest.fixture
def topics() -> Iterator[list[str]]:
    return iter([[f"topic.{number}" for number in range(20)]])


async def test_messages_of_wanted_topics_come_in_order(server: RedisServer) -> None:
    async with reader(server.port) as given:
        await given.hear("a", "b")
        for number in range(50):
            server.ask("PUBLISH", "ab"[number % 2], number)
        server.ask("PUBLISH", "c", "not wanted")
        await eventually(lambda: len(given.messages) == 50)
        assert given.messages == [("ab"[number % 2], str(number).encode()) for number in range(50)]
        given.reader.unsubscribe("a")
        await eventually(lambda: server.ask("PUBSUB", "NUMSUB", "a") == [b"a", 0])
        assert given.told == []


async def test_wanting_and_not_wanting_in_a_hurry_ends_right(server: RedisServer) -> None:
    async with reader(server.port) as given:
        await given.hear("x")
        for number in range(300):
            given.reader.subscribe(f"t{number % 7}")
            given.reader.unsubscribe(f"t{(number + 3) % 7}")
            if number % 50 == 0:
                await asyncio.sleep(0)
        wanted = sorted(given.reader._wanted)
        await eventually(lambda: sorted(name.decode() for name in server.ask("PUBSUB", "CHANNELS")) == wanted)


async def test_it_subscribes_again_by_itself_after_every_restart(own_server: RedisServer) -> None:
    async with reader(own_server.port) as given:
        await given.hear("a", "b")
        for number in range(3):
            await in_thread(own_server.restart)
            await eventually(lambda n=number: given.told == ["lost", "back"] * (n + 1))  # type: ignore[misc]
            assert own_server.ask("PUBLISH", "b", number) == 1
            await eventually(lambda n=number: given.messages[-1:] == [("b", str(n).encode())])  # type: ignore[misc]


async def test_a_cut_cable_is_one_loss(server: RedisServer) -> None:
    async with Wire(server.port) as wire, reader(wire.port) as given:
        await given.hear("a")
        with cut(wire):
            await eventually(lambda: given.told == ["lost"])
            with pytest.raises(LayerError):
                await given.hear("b")
        await eventually(lambda: given.told == ["lost", "back"])
        assert server.ask("PUBLISH", "b", "x") == 1


async def test_a_server_that_vanished_without_a_word_is_noticed(server: RedisServer) -> None:
    async with Wire(server.port) as wire, reader(wire.port, silence=0.4, timeout=1) as given:
        await given.hear("a")
        with half_open(wire):
            await eventually(lambda: given.told == ["lost"])
        await eventually(lambda: given.told == ["lost", "back"])


async def test_silence_alone_is_no_loss(server: RedisServer) -> None:
    async with Wire(server.port) as wire, reader(wire.port, silence=0.2) as given:
        await given.hear("a")
        before = wire.carried
        await eventually(lambda: wire.carried > before + 60)
        assert given.told == []


async def test_nobody_there_at_first(tmp_path: Any) -> None:
    absent = RedisServer(tmp_path / "redis")
    async with reader(absent.port) as given:
        given.reader.subscribe("a")
        with pytest.raises(LayerError, match="cannot be reached now"):
            await given.reader.subscribed("a")
        await in_thread(absent.start)
        try:
            await eventually(lambda: absent.ask("PUBLISH", "a", "x") == 1)
            await eventually(lambda: given.messages)
            assert given.told == []
        finally:
            absent.stop()


async def test_a_message_that_cannot_be_handed_out_ends_nothing(server: RedisServer) -> None:
    async with reader(server.port) as given:
        await given.hear("a")
        take, given.reader._take = given.reader._take, lambda topic, body: 1 / 0
        server.ask("PUBLISH", "a", "bad")
        await given.hear("b")
        given.reader._take = take
        server.ask("PUBLISH", "a", "good")
        await eventually(lambda: given.messages == [("a", b"good")])


async def test_close_tells_who_still_waits() -> None:
    given = Heard(free_port())
    given.reader.subscribe("a")
    waiting = asyncio.create_task(given.reader.subscribed("a"))
    await asyncio.sleep(0)
    await given.reader.close()
    with pytest.raises(LayerError):
        await waiting
    await given.reader.close()
