import asyncio
import gc
import logging
import sys
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings

from lanchat.layers import (
    BaseChannelLayer,
    ChannelFull,
    InMemoryChannelLayer,
    LayerError,
    Message,
    Overflow,
    Statistics,
)
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.layers.contract import LayerContract, numbered, reading, waiting
from tests.support.layers.histories import AgedHistories, HistoryContract
from tests.support.layers.model import SLOTS, STEPS, Model, compare
from tests.support.layers.serializing import SerializerContract


class TestContract(LayerContract, HistoryContract, AgedHistories, SerializerContract):
    @pytest.fixture
    def kind(self) -> Callable[..., BaseChannelLayer]:
        return InMemoryChannelLayer


@pytest.fixture
def layer() -> InMemoryChannelLayer:
    return InMemoryChannelLayer()


def is_empty(layer: InMemoryChannelLayer) -> bool:
    return not (layer.channels or layer.groups)


async def test_a_new_channel_is_named_as_one_receivers_own(layer: InMemoryChannelLayer) -> None:
    assert (await layer.new_channel()).startswith("specific.inmemory!")


async def test_a_message_is_shared_by_its_receivers_and_not_copied(layer: InMemoryChannelLayer) -> None:
    message: Message = {"type": "t", "frames": [b"x"]}
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    await layer.group_send("g", message)
    assert await layer.receive("a") is await layer.receive("b") is message


async def test_an_attached_receiver_is_called_before_send_returns(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    await layer.send("a", {"type": "t"})
    assert got == [{"type": "t"}]


async def test_what_members_miss_is_counted_and_logged_once_a_send(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    layer = InMemoryChannelLayer(capacity=1)
    for channel in ("a", "b", "c"):
        await layer.group_add("g", channel)
    for channel in ("a", "b"):
        await layer.send(channel, {"type": "t"})
    await layer.group_send("g", {"type": "t"})
    assert layer.statistics() == Statistics(sent=3, received=3, dropped=2)
    assert [record.getMessage() for record in caplog.records] == ["2 of 3 channels over capacity in group g"]
    await layer.close()


async def test_nothing_is_left_of_channels_that_were_read(layer: InMemoryChannelLayer) -> None:
    for number in range(100):
        channel = f"c{number}"
        await layer.send(channel, {"type": "t"})
        await layer.receive(channel)
    reader = await reading(layer, "a")
    assert list(layer.channels) == ["a"]
    reader.cancel()
    await asyncio.wait({reader})
    assert is_empty(layer)


async def test_nothing_is_left_of_messages_that_nobody_reads(clock: Clock) -> None:
    layer = InMemoryChannelLayer(expiry=60)
    for number in range(100):
        await layer.send(f"c{number}", {"type": "t"})
    assert len(layer.channels) == 100
    clock.advance(61)
    await eventually(lambda: is_empty(layer))


async def test_messages_expire_each_at_its_own_time(clock: Clock) -> None:
    layer = InMemoryChannelLayer(expiry=3_600)
    await layer.send("a", {"type": "t", "n": 1})
    layer.expiry = 60
    await layer.send("b", {"type": "t", "n": 2})
    clock.advance(61)
    layer._sweep()
    assert list(layer.channels) == ["a"]
    assert layer.statistics().expired == 1
    assert await layer.receive("a") == {"type": "t", "n": 1}
    await layer.close()


async def test_nothing_is_left_of_groups_that_everybody_left(layer: InMemoryChannelLayer) -> None:
    for number in range(50):
        await layer.group_add(f"g{number}", "a")
        await layer.group_add(f"g{number}", "b")
    layer.attach("a", print)
    layer.detach("a")
    assert len(layer.groups) == 50
    for number in range(50):
        await layer.group_discard(f"g{number}", "b")
    assert is_empty(layer)


async def test_nothing_is_left_of_members_that_died_without_a_word(clock: Clock) -> None:
    layer = InMemoryChannelLayer(group_expiry=60, expiry=60)
    for number in range(100):
        await layer.group_add(f"g{number}", await layer.new_channel())
        await layer.group_send(f"g{number}", {"type": "t"})
    clock.advance(61)
    await eventually(lambda: is_empty(layer))


async def test_an_ended_channel_that_nobody_asks_for_goes(clock: Clock) -> None:
    layer = InMemoryChannelLayer(group_expiry=60, capacity=1, overflow="disconnect")
    await layer.send("a", {"type": "t"})
    with pytest.raises(ChannelFull):
        await layer.send("a", {"type": "t"})
    with pytest.raises(ChannelFull, match="was ended"):
        await layer.receive("a")
    clock.advance(61)
    await eventually(lambda: is_empty(layer))


async def test_a_member_that_listens_stays_however_long_it_is_in() -> None:
    layer, got = InMemoryChannelLayer(group_expiry=-1), list[Message]()
    for channel in ("pushed", "pulled", "gone"):
        await layer.group_add("g", channel)
    layer.attach("pushed", got.append)
    reader = await reading(layer, "pulled")
    layer._sweep()
    assert await layer.group_members("g") == ["pulled", "pushed"]
    await layer.group_send("g", {"type": "t"})
    assert [*got, await reader] == [{"type": "t"}] * 2
    await layer.close()


async def test_flush_keeps_waiting_readers_and_attached_receivers(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    reader = await reading(layer, "b")
    await layer.send("c", {"type": "old"})
    await layer.flush()
    assert list(layer.channels) == ["a", "b"]
    for channel in ("a", "b"):
        await layer.send(channel, {"type": "new"})
    assert [*got, await reader] == [{"type": "new"}] * 2


async def test_close_gives_everything_back(layer: InMemoryChannelLayer) -> None:
    message = _Traced(type="t")
    trace = weakref.ref(message)
    await layer.send("a", message)
    layer.attach("b", print)
    await layer.group_add("g", "b")
    del message
    await layer.close()
    gc.collect()
    assert is_empty(layer)
    assert trace() is None


class _Traced(dict[str, Any]):
    """A message that weak references can follow."""


async def test_a_reader_of_a_closed_layer_takes_nothing_from_its_successor(layer: InMemoryChannelLayer) -> None:
    reader = await reading(layer, "a")
    await layer.close()
    await layer.send("a", {"type": "t"})
    await asyncio.wait({reader})
    assert await waiting(layer, "a") == [{"type": "t"}]


async def test_a_reader_woken_just_before_the_end_does_not_wait_for_ever(layer: InMemoryChannelLayer) -> None:
    reader = await reading(layer, "a")
    await layer.send("a", {"type": "t"})
    await layer.close()
    await asyncio.wait({reader}, timeout=5)
    assert reader.cancelled()
    assert is_empty(layer)


async def test_who_attaches_takes_over_from_readers(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    reader = await reading(layer, "a")
    layer.attach("a", got.append)
    layer.detach("a")
    await layer.send("a", {"type": "t"})
    await asyncio.wait({reader})
    assert reader.cancelled()
    assert await waiting(layer, "a") == [{"type": "t"}]
    assert got == []


async def test_a_receiver_may_make_others_leave_while_it_is_called(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    for channel in ("a", "b", "c"):
        await layer.group_add("g", channel)
    layer.attach("a", lambda _: layer.detach("b"))
    layer.attach("b", got.append)
    layer.attach("c", got.append)
    await layer.group_send("g", {"type": "t"})
    assert got == [{"type": "t"}]
    assert await layer.group_members("g") == ["a", "c"]
    assert layer.statistics().received == 2


def test_one_loop_after_another_keeps_what_waits() -> None:
    layer, orphans = InMemoryChannelLayer(), list[object]()

    async def leave() -> None:
        await layer.send("a", {"type": "t"})
        await layer.group_add("g", "b")
        orphans.append(layer.receive("b"))
        next(orphans[0].__await__())  # type: ignore[attr-defined]

    async def find() -> list[Message]:
        await layer.group_send("g", {"type": "u"})
        return [await layer.receive("a"), await layer.receive("b")]

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    assert asyncio.run(find()) == [{"type": "t"}, {"type": "u"}]


async def test_another_loop_may_only_send_from_its_thread(layer: InMemoryChannelLayer) -> None:
    await layer.group_add("g", "a")

    async def elsewhere() -> None:
        with pytest.raises(LayerError, match="send_sync"):
            await layer.send("a", {"type": "t"})
        layer.send_sync("a", {"type": "t", "n": 1})
        layer.group_send_sync("g", {"type": "t", "n": 2})

    await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
    assert await waiting(layer, "a") == numbered(1, 2)


async def test_sent_from_the_loops_own_thread_it_is_there_at_once(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    layer.send_sync("a", {"type": "t"})
    assert got == [{"type": "t"}]


def test_without_a_loop_there_is_nobody_to_send_to(layer: InMemoryChannelLayer) -> None:
    for send in (layer.send_sync, layer.group_send_sync):
        with pytest.raises(LayerError, match="no event loop"):
            send("a", {"type": "t"})


async def test_a_send_costs_the_same_however_much_waits_elsewhere(layer: InMemoryChannelLayer) -> None:
    async def one_message() -> None:
        await layer.send("a", {"type": "t"})
        await layer.receive("a")
        await layer.group_add("g", "a")
        await layer.group_send("g", {"type": "t"})
        await layer.receive("a")

    await one_message()
    alone = await _calls(one_message)
    for number in range(1_000):
        await layer.send(f"c{number}", {"type": "t"})
        await layer.group_add(f"g{number}", f"c{number}")
    assert await _calls(one_message) == alone
    await layer.close()


async def _calls(work: Callable[[], Awaitable[None]]) -> int:
    """Count the calls of functions, Python's and built in, that `work` makes."""
    count = 0

    def step(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    gc.collect()
    gc.disable()  # it would call who asked to be told of a collection
    sys.setprofile(step)
    try:
        await work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize("overflow", Overflow)
@given(steps=STEPS)
@settings(deadline=None)
def test_the_layer_does_what_a_simple_model_does(overflow: Overflow, steps: list[tuple[Any, ...]]) -> None:
    layer = InMemoryChannelLayer(capacity=2, overflow=overflow)
    model = Model(2, overflow, refuses=True)

    def same() -> bool:
        counted = layer.statistics()
        assert (counted.received, counted.dropped) == (model.received, model.dropped)
        assert len(layer.channels) == len([slot for slot in SLOTS if _is_used(model, slot)])
        return True

    asyncio.run(compare(layer, model, steps, same, patience=0))
    assert is_empty(layer)


def _is_used(model: Model, slot: str) -> bool:
    member = any(slot in group for group in model.groups.values())
    return bool(model.waiting[slot] or model.readers[slot] or slot in model.attached or slot in model.ended or member)
