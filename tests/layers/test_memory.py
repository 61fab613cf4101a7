import asyncio
import gc
import logging
import sys
import weakref
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.errors import ChannelFull
from lanchat.layers import BaseChannelLayer, InMemoryChannelLayer, Message
from lanchat.layers.memory import Mailbox
from tests.conditions import eventually
from tests.layers.contract import LayerContract, numbered, reading, waiting


class TestContract(LayerContract):
    @pytest.fixture
    def kind(self) -> Callable[..., BaseChannelLayer]:
        return InMemoryChannelLayer


@pytest.fixture
def layer() -> InMemoryChannelLayer:
    return InMemoryChannelLayer()


def is_empty(layer: InMemoryChannelLayer) -> bool:
    return not (layer.channels or layer.groups or layer._receivers or layer._memberships)


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
    assert layer.dropped == 2
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


async def test_nothing_is_left_of_messages_that_nobody_reads() -> None:
    layer = InMemoryChannelLayer(expiry=0.02)
    for number in range(100):
        await layer.send(f"c{number}", {"type": "t"})
    assert len(layer.channels) == 100
    await eventually(lambda: is_empty(layer))


async def test_messages_expire_each_at_its_own_time(layer: InMemoryChannelLayer) -> None:
    for message in numbered(1, 2):
        await layer.send("a", message)
    mailbox = layer.channels["a"]
    for left in (numbered(2), []):
        mailbox.messages[0] = (0.0, mailbox.messages[0][1])
        mailbox._expire()
        assert [message for _, message in mailbox.messages] == left
    assert is_empty(layer)


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


async def test_nothing_is_left_of_members_that_died_without_a_word() -> None:
    layer = InMemoryChannelLayer(group_expiry=0.01, expiry=0.01)
    await layer.group_add("g", await layer.new_channel())

    async def left() -> Any:
        await layer.group_send("g", {"type": "t"})
        return not layer.groups

    await eventually(left)
    await eventually(lambda: is_empty(layer))


async def test_an_attached_member_stays_however_long_it_is_in() -> None:
    layer, got = InMemoryChannelLayer(group_expiry=-1), list[Message]()
    await layer.group_add("g", "a")
    layer.attach("a", got.append)
    await layer.group_send("g", {"type": "t"})
    assert got == [{"type": "t"}]


async def test_flush_keeps_waiting_readers_and_attached_receivers(layer: InMemoryChannelLayer) -> None:
    got: list[Message] = []
    layer.attach("a", got.append)
    reader = await reading(layer, "b")
    await layer.send("c", {"type": "old"})
    await layer.flush()
    assert list(layer.channels) == ["b"]
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
    assert not layer.channels


async def test_a_mailbox_says_when_nothing_holds_it() -> None:
    unused: list[Mailbox] = []
    mailbox = Mailbox(2, 60, unused.append)
    assert [mailbox.put(message) for message in numbered(1, 2, 3)] == [True, True, False]
    assert await mailbox.get() == {"type": "t", "n": 1}
    assert unused == []
    assert await mailbox.get() == {"type": "t", "n": 2}
    assert unused == [mailbox]


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
    sys.setprofile(step)
    try:
        await work()
    finally:
        sys.setprofile(before)
    return count


CHANNELS = st.sampled_from("abc")
GROUPS = st.sampled_from("gh")
STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "read", "stop", "attach", "detach"]), CHANNELS)
    | st.tuples(st.sampled_from(["join", "part"]), GROUPS, CHANNELS)
    | st.tuples(st.just("tell"), GROUPS)
    | st.just(("flush",)),
    max_size=40,
)


@given(STEPS)
@settings(deadline=None)
def test_the_layer_does_what_a_simple_model_does(steps: list[tuple[str, ...]]) -> None:
    asyncio.run(_compare(steps))


async def _compare(steps: list[tuple[str, ...]]) -> None:
    real, model = _Real(), _Model()
    for verb, *names in steps:
        getattr(model, verb)(*names)
        await getattr(real, verb)(*names)
        for _ in range(4):
            await asyncio.sleep(0)
        assert real.got == model.got
        assert real.layer.dropped == model.dropped
        assert set(real.layer.channels) == {name for name in "abc" if model.waiting[name] or model.readers[name]}
        assert {name: set(group) for name, group in real.layer.groups.items()} == {
            name: group for name, group in model.groups.items() if group
        }
    await real.layer.close()
    await asyncio.gather(*(task for tasks in real.readers.values() for task in tasks), return_exceptions=True)
    assert is_empty(real.layer)


class _Model:
    """What should happen: bounded queues of two messages, and readers that are served in their order."""

    def __init__(self) -> None:
        self.waiting: dict[str, deque[int]] = {name: deque() for name in "abc"}
        self.readers = dict.fromkeys("abc", 0)
        self.attached: set[str] = set()
        self.groups: dict[str, set[str]] = {name: set() for name in "gh"}
        self.got: dict[str, list[int]] = {name: [] for name in "abc"}
        self.dropped = 0
        self._number = 0

    def send(self, channel: str) -> None:
        self._number += 1
        self._deliver(channel)

    def read(self, channel: str) -> None:
        if self.waiting[channel]:
            self.got[channel].append(self.waiting[channel].popleft())
        else:
            self.readers[channel] += 1

    def stop(self, channel: str) -> None:
        self.readers[channel] = max(0, self.readers[channel] - 1)

    def attach(self, channel: str) -> None:
        self.attached.add(channel)
        self.readers[channel] = 0
        self.got[channel].extend(self.waiting[channel])
        self.waiting[channel].clear()

    def detach(self, channel: str) -> None:
        self.attached.discard(channel)
        for group in self.groups.values():
            group.discard(channel)

    def join(self, group: str, channel: str) -> None:
        self.groups[group].add(channel)

    def part(self, group: str, channel: str) -> None:
        self.groups[group].discard(channel)

    def tell(self, group: str) -> None:
        self._number += 1
        self.dropped += sum(not self._deliver(channel) for channel in self.groups[group])

    def flush(self) -> None:
        for queue in self.waiting.values():
            queue.clear()
        for group in self.groups.values():
            group.clear()

    def _deliver(self, channel: str) -> bool:
        if channel in self.attached:
            self.got[channel].append(self._number)
        elif self.readers[channel]:
            self.readers[channel] -= 1
            self.got[channel].append(self._number)
        elif len(self.waiting[channel]) == 2:
            return False
        else:
            self.waiting[channel].append(self._number)
        return True


class _Real:
    """The same verbs, on the layer."""

    def __init__(self) -> None:
        self.layer = InMemoryChannelLayer(capacity=2)
        self.got: dict[str, list[int]] = {name: [] for name in "abc"}
        self.readers: dict[str, list[asyncio.Task[None]]] = {name: [] for name in "abc"}
        self._number = 0

    async def send(self, channel: str) -> None:
        try:
            await self.layer.send(channel, self._next())
        except ChannelFull:
            assert len(self.layer.channels[channel].messages) == 2

    async def read(self, channel: str) -> None:
        self.readers[channel].append(asyncio.create_task(self._receive(channel)))

    async def stop(self, channel: str) -> None:
        if readers := [task for task in self.readers[channel] if not task.done()]:
            readers[0].cancel()

    async def attach(self, channel: str) -> None:
        self.layer.attach(channel, lambda message: self.got[channel].append(message["n"]))

    async def detach(self, channel: str) -> None:
        self.layer.detach(channel)

    async def join(self, group: str, channel: str) -> None:
        await self.layer.group_add(group, channel)

    async def part(self, group: str, channel: str) -> None:
        await self.layer.group_discard(group, channel)

    async def tell(self, group: str) -> None:
        await self.layer.group_send(group, self._next())

    async def flush(self) -> None:
        await self.layer.flush()

    async def _receive(self, channel: str) -> None:
        self.got[channel].append((await self.layer.receive(channel))["n"])

    def _next(self) -> Message:
        self._number += 1
        return {"type": "t", "n": self._number}
