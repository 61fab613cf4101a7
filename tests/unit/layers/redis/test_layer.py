"""What both layers do, and what becomes of them when Redis does not."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable
from typing import Any

import pytest

from lanchat.layers import (
    InvalidMessage,
    LayerError,
    Message,
    register_channel_layer,
    register_serializer,
    unregister_channel_layer,
)
from lanchat.layers.redis.layer import RedisLayer
from lanchat.layers.serializers import registry
from tests.support.conditions import eventually
from tests.support.faults import Wire, half_open
from tests.support.layers.contract import numbered
from tests.support.layers.serializing import OWN, Complex
from tests.support.redis.servers import RedisServer, free_port, in_thread
from tests.unit.layers.conftest import Kind, MakeLayer

# Settings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [{"hosts": "redis://h"}, {"hosts": []}],
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


async def test_what_a_serializer_cannot_read_is_skipped_and_said(
    make: MakeLayer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    register_serializer(OWN, Complex())
    layer = await make(serializer_format=OWN)
    channel = await layer.new_channel()
    await layer.group_add("readable", channel)
    for kind in ("garbled", "fine"):
        await layer.send(channel, {"type": kind})
        await layer.group_send("readable", {"type": kind})
    assert [await layer.receive(channel) for _ in range(2)] == [{"type": "fine"}] * 2
    assert layer.statistics().poisoned == 2
    assert caplog.text.count("no page has it") == 2
    assert channel.partition("!")[0] in caplog.text


# Without a loop -------------------------------------------------------------------------------------------------------


def test_a_script_needs_no_loop_at_all(kind: Kind, server: RedisServer) -> None:
    layer = kind([server.url])
    layer.send_sync("jobs", {"type": "t"})
    layer.group_send_sync("g", {"type": "t"})
    with pytest.raises(TypeError):
        layer.send_sync("no name", {"type": "t"})
    with pytest.raises(InvalidMessage):
        layer.group_send_sync("g", {"type": print})
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
        assert time.monotonic() - start < 60
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
        own_server.ask("CLIENT", "PAUSE", "3000", "ALL")
        with pytest.raises(LayerError):
            await layer.group_send("g", {"type": "late"})
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
            assert time.monotonic() - start < 60
            await layer.close()


async def test_a_key_of_a_wrong_type_is_a_clear_error(make: MakeLayer, server: RedisServer) -> None:
    layer = await make()
    channel = await layer.new_channel()
    for key in ("asgi:group:g", "asgi__members__g"):
        server.ask("SET", key, "x")
    with pytest.raises(LayerError, match="under our names: WRONGTYPE"):
        await layer.group_add("g", channel)
    with pytest.raises(LayerError, match="under our names: WRONGTYPE"):
        await layer.group_members("g")
    await layer.group_add("h", channel)


def test_without_redis_py_the_plugin_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from lanchat.layers import LayerError\n"
        "try:\n    from lanchat.layers.redis import RedisChannelLayer\n"
        "except LayerError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "pip install 'lanchat[redis]'" in done.stdout
