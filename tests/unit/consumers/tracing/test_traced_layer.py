"""What is sent in a trace carries it, by all four ways of sending; what is not, does not."""

import asyncio

from lanchat.consumers.tracing.spans import KEY, span
from lanchat.consumers.tracing.traced_layer import trace_layer
from lanchat.layers import InMemoryChannelLayer
from tests.support.consumers.spans import Spans, recorded

__all__ = ["recorded"]


async def test_every_way_of_sending_carries_the_trace(recorded: Spans) -> None:
    async with InMemoryChannelLayer() as layer:
        assert trace_layer(layer) is layer
        mine = await layer.new_channel()
        await layer.group_add("room", mine)
        message = {"type": "x"}
        with span("outer", "SERVER", {}):
            await layer.send(mine, message)
            await layer.group_send("room", message, exclude="nobody")
            await asyncio.to_thread(layer.send_sync, mine, message)
            await asyncio.to_thread(layer.group_send_sync, "room", message)
        got = [await layer.receive(mine) for _ in range(4)]
        assert message == {"type": "x"}
    outer = next(each for each in recorded() if each.name == "outer")
    assert outer.context is not None
    for each in got:
        assert int(each[KEY]["traceparent"].split("-")[1], 16) == outer.context.trace_id
    assert sorted(each.name.split()[0] for each in recorded()) == ["group_send"] * 2 + ["outer"] + ["send"] * 2


async def test_nothing_is_carried_when_nothing_is_recorded() -> None:
    async with InMemoryChannelLayer() as layer:
        trace_layer(layer)
        await layer.send("a", {"type": "x"})
        assert await layer.receive("a") == {"type": "x"}
