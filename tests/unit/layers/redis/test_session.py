import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import pytest

from lanchat.layers import LayerError, Message
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.unit.layers.conftest import Kind, MakeLayer


async def test_a_channel_that_nobody_uses_any_more_is_forgotten(make: MakeLayer) -> None:
    layer = await make(lease=0.1)
    used, unused, attached = [await layer.new_channel() for _ in range(3)]
    for channel in (used, unused, attached):
        await layer.group_add("g", channel)
    layer.attach(attached, list[Message]().append)
    reader = asyncio.create_task(layer.receive(used))
    session = layer._loops.current()
    await eventually(lambda: set(session.channels) == {used, attached})
    assert set(session.groups["g"]) == {used, attached}
    await eventually(lambda: _is(layer.group_members("g"), sorted([used, attached])))
    reader.cancel()
    await asyncio.wait({reader})


async def _is(asked: Awaitable[Any], expected: Any) -> Any:
    return await asked == expected


async def test_a_crashed_consumer_leaves_nothing_behind(make: MakeLayer) -> None:
    layer = await make(lease=0.1)
    for number in range(50):
        await layer.group_add(f"g{number % 5}", await layer.new_channel())
    session = layer._loops.current()
    await eventually(lambda: not session.channels and not session.groups)
    await eventually(lambda: _is(layer.group_members("g0"), []))


async def test_a_receiver_that_comes_back_late_may_go_on(make: MakeLayer) -> None:
    layer = await make(lease=0.05)
    channel = await layer.new_channel()
    await eventually(lambda: not layer._loops.current().channels)
    reader = asyncio.create_task(layer.receive(channel))
    await eventually(lambda: channel in layer._loops.current().channels)

    async def arrives() -> Any:
        await layer.send(channel, {"type": "t"})
        return reader.done()

    await eventually(arrives)


async def test_hooks_are_messages_or_functions(kind: Kind, own_server: RedisServer) -> None:
    told: list[str] = []

    async def back() -> None:
        await asyncio.sleep(0)
        told.append("back")

    async with (
        kind([own_server.url], on_disconnect="redis.disconnect", on_reconnect="redis.reconnect") as messages,
        kind([own_server.url], on_disconnect=lambda: told.append("lost"), on_reconnect=back) as functions,
    ):
        got: list[Message] = []
        for layer in (messages, functions):
            channel = await layer.new_channel()
            layer.attach(channel, got.append)
            await layer.send(channel, {"type": "t"})
        await eventually(lambda: len(got) == 2)
        await in_thread(own_server.restart)
        await eventually(lambda: [each["type"] for each in got[2:]] == ["redis.disconnect", "redis.reconnect"])
        await eventually(lambda: told == ["lost", "back"])
        assert messages.statistics().reconnects == functions.statistics().reconnects == 1


async def test_a_hook_that_fails_ends_nothing(
    kind: Kind, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async with kind([own_server.url], on_disconnect=lambda: 1 / 0, on_reconnect=fail) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.send(channel, {"type": "t"})
        await eventually(lambda: got)
        await in_thread(own_server.restart)
        await eventually(lambda: layer.statistics().reconnects == 1)
        await layer.send(channel, {"type": "t"})
        await eventually(lambda: len(got) == 2)
    assert caplog.text.count("The hook for a lost or regained Redis failed") == 2


async def test_memberships_are_there_again_at_once_after_redis_forgot_them(kind: Kind, own_server: RedisServer) -> None:
    async with kind([own_server.url]) as layer:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "before"})
        await eventually(lambda: got)
        await in_thread(own_server.restart)
        await eventually(lambda: layer.statistics().reconnects == 1)
        await eventually(lambda: _is(layer.group_members("g"), [channel]))
        await layer.group_send("g", {"type": "after"})
        await eventually(lambda: got == [{"type": "before"}, {"type": "after"}])


async def test_close_takes_back_what_is_in_redis(make: MakeLayer, server: RedisServer) -> None:
    layer = await make()
    for number in range(3):
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.send(channel, {"type": "t", "n": number})
    await layer.close()
    assert server.ask("KEYS", "*") == []
    assert await eventually(lambda: server.connections() == 0)


async def test_close_is_quick_when_redis_is_not_there(kind: Kind, own_server: RedisServer) -> None:
    layer = kind([own_server.url])
    await layer.group_add("g", await layer.new_channel())
    own_server.stop()
    start = time.monotonic()
    await layer.close()
    assert time.monotonic() - start < 60


async def test_a_closed_session_gives_no_mailboxes(make: MakeLayer) -> None:
    layer = await make()
    session = layer._loops.current()
    await layer.close()
    with pytest.raises(LayerError, match="closed"):
        session.mailbox("a")
    assert (await layer.new_channel()).startswith(("asgispecific.", "specific."))
