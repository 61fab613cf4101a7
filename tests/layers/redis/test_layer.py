"""What both layers do, and what becomes of them when Redis does not."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable
from typing import Any

import pytest

from lanchat.errors import InvalidMessage, LayerError, MessageTooLarge
from lanchat.layers import Message, register_channel_layer, unregister_channel_layer
from lanchat.layers.redis.layer import RedisLayer
from tests.conditions import eventually
from tests.faults import Wire, half_open
from tests.layers.contract import numbered
from tests.layers.redis.conftest import Kind, MakeLayer
from tests.layers.redis.servers import RedisServer, free_port, in_thread

# Settings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["capasity", "host", "channel_layer", "symmetric_encryption_key", "db"])
def test_an_unknown_option_is_refused(kind: Kind, option: str) -> None:
    settings: dict[str, Any] = {option: 3}
    with pytest.raises(TypeError, match=option):
        kind(**settings)


@pytest.mark.parametrize(
    "settings",
    [{"overflow": "explode"}, {"channel_overflow": {"a*": "explode"}}, {"hosts": "redis://h"}, {"hosts": []}],
)
def test_a_wrong_value_is_refused(kind: Kind, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        kind(**settings)


def test_a_prefix_is_a_string(kind: Kind) -> None:
    with pytest.raises(TypeError):
        kind(prefix=b"asgi")


def test_it_can_be_registered(kind: Kind) -> None:
    register_channel_layer("redis test", kind())
    unregister_channel_layer("redis test")


def test_a_layer_that_nobody_uses_connects_to_nothing(kind: Kind, server: RedisServer) -> None:
    kind([server.url])
    assert server.connections() == 0


# Sending --------------------------------------------------------------------------------------------------------------


async def test_a_message_of_more_than_a_mebibyte_is_refused(make: MakeLayer) -> None:
    layer = await make()
    with pytest.raises(MessageTooLarge):
        await layer.send("a", {"text": "x" * 2_000_000})
    with pytest.raises(MessageTooLarge):
        layer.send_sync("a", {"text": "x" * 2_000_000})
    channel, got = await layer.new_channel(), list[Message]()
    layer.attach(channel, got.append)
    await layer.group_add("g", channel)
    with pytest.raises(MessageTooLarge):
        await layer.group_send("g", {"text": "x" * 2_000_000})
    await layer.group_send("g", {"text": "x" * 1_000_000})
    await eventually(lambda: got == [{"text": "x" * 1_000_000}])


async def test_who_is_left_out_does_not_get_it(make: MakeLayer) -> None:
    layer = await make()
    first, second = await layer.new_channel(), await layer.new_channel()
    got: dict[str, list[Message]] = {first: [], second: []}
    for channel, messages in got.items():
        layer.attach(channel, messages.append)
        await layer.group_add("g", channel)
    await layer.group_send("g", {"type": "t"}, exclude=first)
    await asyncio.to_thread(lambda: layer.group_send_sync("g", {"type": "u"}, exclude=first))
    await layer.group_send("g", {"type": "end"})
    await eventually(lambda: [len(messages) for messages in got.values()] == [1, 3])


async def test_members_are_seen_from_everywhere(make: MakeLayer) -> None:
    one, two = await make(), await make()
    channels = [await layer.new_channel() for layer in (one, two, two)]
    for layer, channel in zip((one, two, two), channels, strict=True):
        await layer.group_add("g", channel)
    assert await one.group_members("g") == await two.group_members("g") == sorted(channels)
    await two.group_discard("g", channels[1])
    two.detach(channels[2])
    await eventually(lambda: _is(one.group_members("g"), [channels[0]]))
    assert await one.group_members("empty") == []


async def _is(asked: Awaitable[Any], expected: Any) -> Any:
    return await asked == expected


async def test_what_is_counted(make: MakeLayer) -> None:
    layer = await make(capacity=2)
    channel, got = await layer.new_channel(), list[Message]()
    layer.attach(channel, got.append)
    await layer.group_add("g", channel)
    await layer.send(channel, {"type": "t"})
    await layer.group_send("g", {"type": "t"})
    await eventually(lambda: len(got) == 2)
    counted = layer.statistics()
    assert (counted.sent, counted.received, counted.dropped, counted.poisoned) == (2, 2, 0, 0)


# Without a loop -------------------------------------------------------------------------------------------------------


async def test_a_thread_without_a_loop_sends_and_leaves_nothing(make: MakeLayer, server: RedisServer) -> None:
    layer = await make()
    channel, got = await layer.new_channel(), list[Message]()
    layer.attach(channel, got.append)
    await layer.group_add("g", channel)
    before = server.connections()
    threads = threading.active_count()

    def work() -> None:
        for message in numbered(1, 2, 3):
            layer.send_sync(channel, message)
            layer.group_send_sync("g", message)

    await asyncio.to_thread(work)
    await eventually(lambda: len(got) == 6)
    await eventually(lambda: server.connections() == before)
    assert threading.active_count() <= threads + 1
    assert layer.statistics().sent == 6


def test_a_script_needs_no_loop_at_all(kind: Kind, server: RedisServer) -> None:
    layer = kind([server.url])
    layer.send_sync("jobs", {"type": "t"})
    layer.group_send_sync("g", {"type": "t"})
    with pytest.raises(TypeError):
        layer.send_sync("no name", {"type": "t"})
    with pytest.raises(InvalidMessage):
        layer.group_send_sync("g", {"type": {1}})
    assert server.connections() == 0


def test_a_script_is_told_that_redis_is_not_there(kind: Kind) -> None:
    layer = kind([("127.0.0.1", free_port())])
    with pytest.raises(LayerError, match="cannot be reached now"):
        layer.send_sync("jobs", {"type": "t"})
    with pytest.raises(LayerError, match="cannot be reached now"):
        layer.group_send_sync("g", {"type": "t"})


# Loops ----------------------------------------------------------------------------------------------------------------


def test_one_loop_after_another_leaves_nothing(kind: Kind, server: RedisServer) -> None:
    layer = kind([server.url])

    async def once(number: int) -> Message:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        reader = asyncio.create_task(layer.receive(channel))
        await layer.group_send("g", {"type": "t", "n": number})
        return await reader

    assert [asyncio.run(once(number)) for number in range(5)] == numbered(*range(5))
    assert server.connections() == 0
    assert layer._loops._sessions == {}


async def test_several_loops_at_once(make: MakeLayer) -> None:
    layer = await make()
    names: list[str] = []
    end = asyncio.Event()
    counts: list[int] = []

    async def other() -> None:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        names.append(channel)
        got = [await layer.receive(channel) for _ in range(20)]
        counts.append(len(got))

    threads = [threading.Thread(target=lambda: asyncio.run(other())) for _ in range(3)]
    for thread in threads:
        thread.start()
    await eventually(lambda: len(names) == 3)
    for message in numbered(*range(20)):
        await layer.group_send("g", message)
    await eventually(lambda: counts == [20, 20, 20])
    for thread in threads:
        await asyncio.to_thread(thread.join)
    end.set()
    assert await layer.group_members("g") == []


# Redis is not there ---------------------------------------------------------------------------------------------------


async def test_nobody_there_at_first(kind: Kind, tmp_path: Any) -> None:
    absent = RedisServer(tmp_path / "redis")
    async with kind([absent.url]) as layer:
        got: list[Message] = []
        start = time.monotonic()
        for refused in (layer.send("a", {"type": "t"}), layer.group_add("g", "a"), layer.group_members("g")):
            with pytest.raises(LayerError):
                await refused
        assert time.monotonic() - start < 3
        layer.attach("a", got.append)
        reader = asyncio.create_task(layer.receive("b"))
        await in_thread(absent.start)
        try:

            async def both() -> Any:
                await layer.send("a", {"type": "t"})
                await layer.send("b", {"type": "t"})
                return bool(got) and reader.done()

            await eventually(both)
            assert reader.result() == {"type": "t"}
        finally:
            absent.stop()


async def test_an_outage_hurts_senders_only_and_only_while_it_lasts(kind: Kind, own_server: RedisServer) -> None:
    async with kind([own_server.url]) as layer:
        pulled, pushed, got = await layer.new_channel(), await layer.new_channel(), list[Message]()
        layer.attach(pushed, got.append)
        reader = asyncio.create_task(layer.receive(pulled))
        for channel in (pulled, pushed):
            await layer.group_add("g", channel)
        own_server.stop()
        start = time.monotonic()
        for _ in range(5):
            with pytest.raises(LayerError, match=r"127\.0\.0\.1.*cannot be reached now"):
                await layer.group_send("g", {"type": "lost"})
        assert time.monotonic() - start < 5
        assert not reader.done()
        layer.detach("nobody")
        await layer.group_discard("g", pulled)
        await in_thread(own_server.start)
        await eventually(lambda: layer.statistics().reconnects == 1)
        await eventually(lambda: _is(layer.group_members("g"), [pushed]))
        await layer.group_send("g", {"type": "t"})
        await layer.send(pulled, {"type": "u"})
        assert await reader == {"type": "u"}
        await eventually(lambda: got == [{"type": "t"}])


async def test_ten_restarts_under_load(kind: Kind, own_server: RedisServer) -> None:
    """What was sent while Redis is there arrives, once and in order; nobody who reads is told of an error."""
    async with kind([own_server.url]) as layer:
        channel, pushed = await layer.new_channel(), list[int]()
        pulled: list[int] = []
        layer.attach(channel, lambda message: pushed.append(message["n"]))
        other = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.group_add("g", other)
        refused = 0

        async def read() -> None:
            while True:
                pulled.append((await layer.receive(other))["n"])

        async def load() -> None:
            nonlocal refused
            number = 0
            while True:
                number += 1
                try:
                    await layer.group_send("g", {"type": "t", "n": number})
                except LayerError:
                    refused += 1
                    await eventually(own_server.answers)

        tasks = [asyncio.create_task(read()), asyncio.create_task(load())]
        for number in range(10):
            before = len(pushed), len(pulled)
            await in_thread(own_server.restart)
            await eventually(lambda n=number: layer.statistics().reconnects > n, timeout=10)  # type: ignore[misc]
            await eventually(lambda b=before: len(pushed) > b[0] and len(pulled) > b[1], timeout=10)  # type: ignore[misc]
        assert not any(task.done() for task in tasks)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for numbers in (pushed, pulled):
            assert numbers == sorted(set(numbers))


async def test_idling_for_longer_than_any_timeout_ends_nothing(server: RedisServer) -> None:
    """redis-py 8 gives up a read after 5 s of silence; the originals' queues die of that."""
    from lanchat.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

    async with RedisPubSubChannelLayer([server.url]) as pubsub, RedisChannelLayer([server.url]) as queue:
        readers = []
        channels = []
        for layer in (pubsub, queue):
            channels.append(await layer.new_channel())
            await layer.group_add("g", channels[-1])
            readers.append(asyncio.create_task(layer.receive(channels[-1])))
        start = time.monotonic()
        await eventually(lambda: time.monotonic() > start + 6.5, timeout=8)
        assert not any(reader.done() for reader in readers)
        for layer in (pubsub, queue):
            await layer.group_send("g", {"type": "t"})
        assert await asyncio.wait_for(asyncio.gather(*readers), 5) == [{"type": "t"}] * 2
        assert pubsub.statistics().reconnects == queue.statistics().reconnects == 0


async def test_a_pause_of_the_server_delays_and_ends_nothing(kind: Kind, own_server: RedisServer) -> None:
    async with kind([own_server.url], timeout=5) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        own_server.ask("CLIENT", "PAUSE", "700", "ALL")
        await layer.group_send("g", {"type": "t"})
        await eventually(lambda: got == [{"type": "t"}])
        assert layer.statistics().reconnects == 0


async def test_a_pause_longer_than_the_timeout_is_an_error_in_time(kind: Kind, own_server: RedisServer) -> None:
    async with kind([own_server.url], timeout=0.5) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        own_server.ask("CLIENT", "PAUSE", "1500", "ALL")
        start = time.monotonic()
        with pytest.raises(LayerError):
            await layer.group_send("g", {"type": "late"})
        assert time.monotonic() - start < 1.4
        await eventually(lambda: _sent(layer, {"type": "t"}))
        await eventually(lambda: {"type": "t"} in got)


async def _sent(layer: RedisLayer[Any], message: Message) -> Any:
    try:
        await layer.group_send("g", message)
    except LayerError:
        return False
    return True


async def test_a_server_that_vanished_never_holds_a_sender_for_long(kind: Kind, server: RedisServer) -> None:
    async with Wire(server.port) as wire:
        layer = kind([("127.0.0.1", wire.port)], timeout=0.5)
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        with half_open(wire):
            start = time.monotonic()
            results = await asyncio.gather(
                *(layer.group_send("g", {"type": "t"}) for _ in range(200)), return_exceptions=True
            )
            assert all(isinstance(result, LayerError) for result in results)
            assert time.monotonic() - start < 4
            await layer.close()


async def test_a_key_of_a_wrong_type_is_a_clear_error(make: MakeLayer, server: RedisServer) -> None:
    layer = await make()
    channel = await layer.new_channel()
    for key in ("asgi:group:g", "asgi__members__g"):
        server.ask("SET", key, "x")
    with pytest.raises(LayerError, match="refused: WRONGTYPE"):
        await layer.group_add("g", channel)
    with pytest.raises(LayerError, match="refused: WRONGTYPE"):
        await layer.group_members("g")
    await layer.group_add("h", channel)


async def test_many_channels_come_and_go_without_a_trace(make: MakeLayer, server: RedisServer) -> None:
    layer = await make()
    for _ in range(5):
        channels = [await layer.new_channel() for _ in range(40)]
        for channel in channels:
            layer.attach(channel, list[Message]().append)
            await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "t"})
        for channel in channels:
            layer.detach(channel)
    session = layer._loops.current()
    assert (session.channels, session.groups) == ({}, {})
    await eventually(lambda: _is(layer.group_members("g"), []))
    await eventually(lambda: server.ask("PUBSUB", "CHANNELS") == [])
    assert server.connections() <= 2


def test_without_redis_py_the_plugin_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from lanchat.errors import LayerError\n"
        "try:\n    from lanchat.layers.redis import RedisChannelLayer\n"
        "except LayerError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'lanchat[redis]'" in done.stdout
