"""What every channel layer does, as one suite. A layer's own test module derives a class from it and gives `make`."""

import asyncio
import contextlib
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lanchat.layers import BaseChannelLayer, ChannelFull, InvalidMessage, Message, MessageTooLarge, Statistics
from tests.support.clock import Clock
from tests.support.conditions import eventually

END: Message = {"type": "end"}

NAMES = ["a", "room_1", "A-b.c", "x" * 99]
SPECIFIC = ["a!", "specific.inmemory!0af", "a!b-c_d."]
NO_NAMES: list[Any] = ["", "x" * 100, "a b", "a\n", "a/b", "é", "room٣", "a!b!c", "!a", "a!é", "*", b"a", None, 5]

MESSAGES: list[Message] = [
    {},
    {"type": "t", "n": 1, "f": 0.5, "yes": True, "none": None, "text": "Grüße 👋", "bytes": b"\x00\xff"},
    {"type": "t", "list": [1, [2, {"a": []}]], "dict": {"a": {"b": {}}}},
    {"type": "t", "least": -(2**63), "most": 2**64 - 1, "far": math.inf},
    {"type": "t", "text": "x" * 1_000_000},
    {"type": "t", "inner": {2: {-3: "b"}}},
    {"type": "t", "sets": [{1, "a", (2, 3)}, frozenset({UUID(int=5), frozenset({Decimal("0.10")})}), set()]},
    {"type": "t", "at": datetime.fromisoformat("2026-01-02T03:04:05"), "zone": datetime(2026, 1, 1, tzinfo=UTC)},
    {"type": "t", "day": date.max},
    {"type": "t", "time": time(1, 2, 3, 4, UTC), "long": timedelta(-1, 2, 3), "id": UUID(int=2**128 - 1)},
    {"type": "t", "price": [Decimal("1.50"), Decimal("-Infinity"), Decimal("1E+50")]},
]
NO_MESSAGES: list[Any] = [
    "text",
    b"bytes",
    None,
    ["type", "t"],
    {"type": "t", "__asgi_channel__": "a"},
    {"type": "t", "__asgi_exclude__": "a"},
    {"type": "t", "__asgi_position__": "a-1"},
    {1: "a"},
    {"type": "t", "inner": {1.5: "a"}},
    {"type": "t", "inner": {True: "a"}},
    {"type": "t", "set": {print}},
    {"type": "t", "key": {UUID(int=1): 1}},
    {"type": "t", "list": [object()]},
    {"type": "t", "n": 2**64},
    {"type": "t", "n": [-(2**63) - 1]},
    {"type": "t", "call": print},
    {"type": "t", "half": "\ud83d"},
    {"type": "t", "\ud83d": "half"},
]

Make = Callable[..., Awaitable[BaseChannelLayer]]


def numbered(*numbers: int) -> list[Message]:
    return [{"type": "t", "n": number} for number in numbers]


async def waiting(layer: BaseChannelLayer, channel: str) -> list[Message]:
    """Return what waits in a channel, by receiving until a message that is sent now comes."""
    await layer.send(channel, END)
    messages = []
    async with asyncio.timeout(60):
        while (message := await layer.receive(channel)) != END:
            messages.append(message)
    return messages


async def arrived(layer: BaseChannelLayer) -> None:
    """Wait until what was sent is there, and no longer on its way: what is sent later arrives later."""
    later = await layer.new_channel()
    await layer.send(later, END)
    async with asyncio.timeout(60):
        await layer.receive(later)


async def _is(asked: Awaitable[Any], expected: Any) -> Any:
    return await asked == expected


async def reading(layer: BaseChannelLayer, channel: str) -> asyncio.Task[Message]:
    """Begin to receive, and give the task once it waits."""
    task = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    return task


class LayerContract:
    """The suite. `make` builds a layer with the given settings; all are closed after the test."""

    @pytest.fixture
    def kind(self) -> Callable[..., BaseChannelLayer]:
        """Return what builds a layer; the derived class says it."""
        raise NotImplementedError

    @pytest.fixture
    async def make(self, kind: Callable[..., BaseChannelLayer]) -> AsyncIterator[Make]:
        async with contextlib.AsyncExitStack() as stack:

            async def build(**settings: Any) -> BaseChannelLayer:
                return await stack.enter_async_context(kind(**settings))

            yield build

    @pytest.fixture
    async def layer(self, make: Make) -> BaseChannelLayer:
        return await make()

    # Names -----------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", NAMES + SPECIFIC)
    async def test_a_channel_may_have_this_name(self, layer: BaseChannelLayer, name: str) -> None:
        await layer.send(name, {"type": "t"})
        assert await layer.receive(name) == {"type": "t"}

    @pytest.mark.parametrize("name", NAMES)
    async def test_a_group_may_have_this_name(self, layer: BaseChannelLayer, name: str) -> None:
        channel = await layer.new_channel()
        await layer.group_add(name, channel)
        await layer.group_send(name, {"type": "t"})
        assert await layer.receive(channel) == {"type": "t"}

    @pytest.mark.parametrize("name", NO_NAMES)
    async def test_no_channel_has_this_name(self, layer: BaseChannelLayer, name: Any) -> None:
        said = re.escape(layer.invalid_name_error.format("Channel"))
        for refused in (
            layer.send(name, {"type": "t"}),
            layer.receive(name),
            layer.group_add("group", name),
            layer.group_discard("group", name),
        ):
            with pytest.raises(TypeError, match=said):
                await refused
        with pytest.raises(TypeError, match=said):
            layer.attach(name, print)

    @pytest.mark.parametrize("name", NO_NAMES + SPECIFIC)
    async def test_no_group_has_this_name(self, layer: BaseChannelLayer, name: Any) -> None:
        for refused in (
            layer.group_send(name, {"type": "t"}),
            layer.group_add(name, "channel"),
            layer.group_discard(name, "channel"),
        ):
            with pytest.raises(TypeError, match=re.escape(layer.invalid_name_error.format("Group"))):
                await refused

    async def test_no_two_new_channels_have_the_same_name(self, layer: BaseChannelLayer) -> None:
        names = {await layer.new_channel() for _ in range(100)}
        assert len(names) == 100
        assert all(layer.require_valid_channel_name(name) for name in names)

    async def test_a_new_channel_has_its_prefix_in_its_name(self, layer: BaseChannelLayer) -> None:
        assert "mine" in await layer.new_channel("mine")
        with pytest.raises(TypeError):
            await layer.new_channel("not one")

    # Messages --------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
    async def test_this_message_arrives_as_it_was(self, layer: BaseChannelLayer, message: Message) -> None:
        await layer.send("a", message)
        assert await layer.receive("a") == message

    @pytest.mark.parametrize("message", NO_MESSAGES, ids=range(len(NO_MESSAGES)))
    async def test_this_message_is_refused_when_it_is_sent(self, layer: BaseChannelLayer, message: Any) -> None:
        await layer.group_add("g", "a")
        for refused in (layer.send("a", message), layer.group_send("g", message), layer.group_send("empty", message)):
            with pytest.raises(InvalidMessage):
                await refused
        assert await waiting(layer, "a") == []

    async def test_a_message_that_holds_itself_is_refused(self, layer: BaseChannelLayer) -> None:
        message: Message = {"type": "t"}
        message["self"] = message
        with pytest.raises(InvalidMessage):
            await layer.send("a", message)

    async def test_a_message_that_is_too_large_is_refused(self, layer: BaseChannelLayer) -> None:
        head = len(msgspec.msgpack.encode({"type": "t", "text": "x" * 70_000})) - 70_000
        await layer.group_add("g", "a")
        for size in (layer.max_message_size - head + 1, 2_000_000):
            message = {"type": "t", "text": "x" * size}
            for refused in (layer.send("a", message), layer.group_send("g", message)):
                with pytest.raises(layer.MessageTooLarge, match="1048576 is the most"):
                    await refused
        largest = {"type": "t", "text": "x" * (layer.max_message_size - head)}
        await layer.send("a", largest)
        await layer.group_send("g", largest)
        assert await waiting(layer, "a") == [largest] * 2

    async def test_the_largest_size_can_be_set(self, make: Make) -> None:
        layer = await make(max_message_size=100)
        await layer.send("a", {"type": "t"})
        with pytest.raises(MessageTooLarge):
            await layer.send("a", {"type": "t", "text": "x" * 100})

    # Settings --------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("option", ["capasity", "host", "channel_layer", "symmetric_encryption_key", "db"])
    async def test_an_unknown_option_is_refused_by_its_name(
        self, kind: Callable[..., BaseChannelLayer], option: str
    ) -> None:
        settings: dict[str, Any] = {option: 3}
        with pytest.raises(TypeError, match=option):
            kind(**settings)

    @pytest.mark.parametrize("settings", [{"overflow": "explode"}, {"channel_overflow": {"a*": "explode"}}])
    async def test_an_unknown_policy_is_refused(
        self, kind: Callable[..., BaseChannelLayer], settings: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match="explode"):
            kind(**settings)

    # Sending and receiving -------------------------------------------------------------------------------------------

    async def test_messages_come_in_the_order_of_sending(self, layer: BaseChannelLayer) -> None:
        for message in numbered(*range(50)):
            await layer.send("a", message)
        assert await waiting(layer, "a") == numbered(*range(50))

    async def test_channels_do_not_mix(self, layer: BaseChannelLayer) -> None:
        await layer.send("a", {"type": "for a"})
        await layer.send("b", {"type": "for b"})
        assert await layer.receive("b") == {"type": "for b"}
        assert await layer.receive("a") == {"type": "for a"}

    async def test_who_waits_gets_what_is_sent_later(self, layer: BaseChannelLayer) -> None:
        reader = await reading(layer, "a")
        await layer.send("a", {"type": "t"})
        assert await reader == {"type": "t"}

    async def test_each_message_goes_to_one_reader(self, layer: BaseChannelLayer) -> None:
        readers = [await reading(layer, "a") for _ in range(10)]
        for message in numbered(*range(10)):
            await layer.send("a", message)
        got = await asyncio.wait_for(asyncio.gather(*readers), 60)
        assert sorted(message["n"] for message in got) == list(range(10))

    async def test_no_reader_is_forgotten_after_another_was_served(self, layer: BaseChannelLayer) -> None:
        first, second = await reading(layer, "a"), await reading(layer, "a")
        for message in numbered(1, 2):
            await layer.send("a", message)
            await eventually(lambda n=message["n"]: [first.done(), second.done()].count(True) == n)  # type: ignore[misc]
        assert sorted([first.result()["n"], second.result()["n"]]) == [1, 2]

    async def test_a_reader_is_not_forgotten_when_another_came_first(self, layer: BaseChannelLayer) -> None:
        woken = await reading(layer, "a")
        await layer.send("a", {"type": "t", "n": 1})
        got = asyncio.create_task(layer.receive("a"))
        await eventually(lambda: woken.done() or got.done())
        await layer.send("a", {"type": "t", "n": 2})
        both = await asyncio.wait_for(asyncio.gather(woken, got), 60)
        assert sorted(message["n"] for message in both) == [1, 2]

    async def test_a_cancelled_reader_takes_nothing_with_it(self, layer: BaseChannelLayer) -> None:
        reader = await reading(layer, "a")
        reader.cancel()
        await asyncio.wait({reader})
        await layer.send("a", {"type": "t"})
        assert await waiting(layer, "a") == [{"type": "t"}]

    async def test_a_reader_cancelled_when_its_message_is_there_loses_nothing(self, layer: BaseChannelLayer) -> None:
        readers = [await reading(layer, "a") for _ in range(3)]
        for message in numbered(1, 2, 3):
            await layer.send("a", message)
        for reader in readers:
            reader.cancel()
        done, _ = await asyncio.wait(readers)
        got = [reader.result() for reader in done if not reader.cancelled()]
        left = await waiting(layer, "a")
        assert left == sorted(left, key=lambda message: message["n"])
        assert sorted(message["n"] for message in got + left) == [1, 2, 3]

    async def test_what_a_cancelled_reader_left_goes_to_the_next(self, layer: BaseChannelLayer) -> None:
        first, second = await reading(layer, "a"), await reading(layer, "a")
        await layer.send("a", {"type": "t"})
        first.cancel()
        await asyncio.wait({first})
        if first.cancelled():
            assert await asyncio.wait_for(second, 60) == {"type": "t"}
        second.cancel()
        await asyncio.wait({second})

    async def test_reading_with_a_deadline_over_and_over_loses_nothing(self, layer: BaseChannelLayer) -> None:
        got: list[Message] = []

        async def read() -> None:
            while len(got) < 20:
                with contextlib.suppress(TimeoutError):
                    got.append(await asyncio.wait_for(layer.receive("a"), 0.001))

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            for message in numbered(*range(20)):
                await layer.send("a", message)
                if message["n"] % 3 == 0:
                    await asyncio.sleep(0)
        assert got == numbered(*range(20))

    # Capacity and expiry ---------------------------------------------------------------------------------------------

    async def test_a_full_channel_refuses_and_keeps_what_it_has(self, make: Make) -> None:
        layer = await make(capacity=3)
        for message in numbered(1, 2, 3):
            await layer.send("a", message)
        with pytest.raises(ChannelFull, match=r"a holds 3"):
            await layer.send("a", {"type": "t", "n": 4})
        await layer.send("b", {"type": "t"})
        assert await layer.receive("a") == {"type": "t", "n": 1}
        assert await waiting(layer, "a") == numbered(2, 3)

    async def test_capacities_by_the_channels_name(self, make: Make) -> None:
        layer = await make(capacity=3, channel_capacity={"small.*": 1, re.compile(r"big\.\d+"): 5, "*": 2})
        capacities = {channel: layer.get_capacity(channel) for channel in ("small.a", "big.7", "big.x", "small")}
        assert capacities == {"small.a": 1, "big.7": 5, "big.x": 2, "small": 2}
        await layer.send("small.a", {"type": "t"})
        with pytest.raises(ChannelFull):
            await layer.send("small.a", {"type": "t"})

    async def test_a_message_that_nobody_reads_goes_by_itself(self, make: Make, clock: Clock) -> None:
        layer = await make(capacity=1, expiry=60)
        await layer.send("a", {"type": "t", "n": 1})
        await arrived(layer)
        clock.advance(61)

        async def has_room() -> Any:
            with contextlib.suppress(ChannelFull):
                await layer.send("a", {"type": "t", "n": 2})
                return True
            return False

        await eventually(has_room)
        assert await layer.receive("a") == {"type": "t", "n": 2}

    # Groups ----------------------------------------------------------------------------------------------------------

    async def test_every_member_gets_what_is_sent_to_a_group(self, layer: BaseChannelLayer) -> None:
        members = [await layer.new_channel() for _ in range(5)]
        for member in members:
            await layer.group_add("g", member)
        await layer.group_send("g", {"type": "t"})
        for member in members:
            assert await waiting(layer, member) == [{"type": "t"}]

    async def test_who_joined_twice_gets_it_once(self, layer: BaseChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "t"})
        assert await waiting(layer, channel) == [{"type": "t"}]

    async def test_who_left_gets_no_more(self, layer: BaseChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.group_add("other", channel)
        await layer.group_discard("g", channel)
        await layer.group_send("g", {"type": "t"})
        await layer.group_send("other", {"type": "other"})
        assert await waiting(layer, channel) == [{"type": "other"}]

    async def test_leaving_a_group_that_one_was_not_in_is_nothing(self, layer: BaseChannelLayer) -> None:
        await layer.group_discard("g", "a")
        await layer.group_add("g", "a")
        await layer.group_discard("g", "b")
        await layer.group_send("g", {"type": "t"})
        assert await waiting(layer, "a") == [{"type": "t"}]

    async def test_only_the_member_without_room_misses_it(self, make: Make) -> None:
        layer = await make(capacity=2)
        full, fine = await layer.new_channel(), await layer.new_channel()
        for member in (full, fine):
            await layer.group_add("g", member)
        for message in numbered(1, 2):
            await layer.send(full, message)
        await layer.group_send("g", {"type": "t", "n": 3})
        assert [await layer.receive(full), await layer.receive(full)] == numbered(1, 2)
        assert await waiting(layer, full) == []
        assert await waiting(layer, fine) == numbered(3)

    async def test_a_membership_that_nobody_refreshes_ends(self, make: Make, clock: Clock) -> None:
        layer = await make(group_expiry=60)
        await layer.group_add("g", await layer.new_channel())
        clock.advance(61)
        await eventually(lambda: _is(layer.group_members("g"), []))

    async def test_who_is_in_a_group(self, layer: BaseChannelLayer) -> None:
        members = [await layer.new_channel() for _ in range(3)]
        for member in members:
            await layer.group_add("g", member)
        await layer.group_add("other", members[0])
        assert await layer.group_members("g") == sorted(members)
        await layer.group_discard("g", members[0])
        assert await layer.group_members("g") == sorted(members[1:])
        layer.detach(members[1])
        await eventually(lambda: _is(layer.group_members("g"), [members[2]]))
        assert await layer.group_members("empty") == []
        assert await layer.group_members("other") == [members[0]]

    async def test_who_is_left_out_does_not_get_it(self, layer: BaseChannelLayer) -> None:
        author, other = await layer.new_channel(), await layer.new_channel()
        for member in (author, other):
            await layer.group_add("g", member)
        await layer.group_send("g", {"type": "t", "n": 1}, exclude=author)
        await asyncio.to_thread(lambda: layer.group_send_sync("g", {"type": "t", "n": 2}, exclude=author))
        await layer.group_send("g", {"type": "t", "n": 3}, exclude="nobody")
        assert await waiting(layer, author) == numbered(3)
        assert await waiting(layer, other) == numbered(1, 2, 3)

    # Push ------------------------------------------------------------------------------------------------------------

    async def test_an_attached_receiver_is_handed_everything_in_order(self, layer: BaseChannelLayer) -> None:
        channel, got = await layer.new_channel(), list[Message]()
        await layer.group_add("g", channel)
        layer.attach(channel, got.append)
        for number in range(200):
            await layer.send(channel, {"type": "t", "n": 2 * number})
            await layer.group_send("g", {"type": "t", "n": 2 * number + 1})
        await eventually(lambda: len(got) == 400)
        assert got == numbered(*range(400))
        layer.detach(channel)

    async def test_who_attaches_gets_what_waits(self, layer: BaseChannelLayer) -> None:
        got: list[Message] = []
        for message in numbered(1, 2):
            await layer.send("a", message)
        layer.attach("a", got.append)
        await layer.send("a", {"type": "t", "n": 3})
        await eventually(lambda: got == numbered(1, 2, 3))
        layer.detach("a")

    async def test_who_detaches_is_in_no_group_and_gets_nothing(self, layer: BaseChannelLayer) -> None:
        got: list[Message] = []
        for group in ("g", "h"):
            await layer.group_add(group, "a")
            await layer.group_add(group, "b")
        layer.attach("a", got.append)
        layer.detach("a")
        layer.detach("a")
        await layer.group_send("g", {"type": "t"})
        await layer.group_send("h", {"type": "t"})
        await layer.send("a", {"type": "kept"})
        assert await waiting(layer, "b") == [{"type": "t"}] * 2
        assert await waiting(layer, "a") == [{"type": "kept"}]
        assert got == []

    async def test_a_receiver_that_fails_hurts_nobody_else(
        self, layer: BaseChannelLayer, caplog: pytest.LogCaptureFixture
    ) -> None:
        got: list[Message] = []

        def fail(message: Message) -> None:
            raise ZeroDivisionError

        for channel, receiver in (("a", fail), ("b", got.append)):
            await layer.group_add("g", channel)
            layer.attach(channel, receiver)
        await layer.send("a", {"type": "bad"})
        await layer.group_send("g", {"type": "bad"})
        await layer.group_send("g", {"type": "bad"})
        await eventually(lambda: len(got) == 2)
        assert "'bad'" in caplog.text
        for channel in ("a", "b"):
            layer.detach(channel)

    # Threads ---------------------------------------------------------------------------------------------------------

    async def test_a_thread_sends_and_waits_until_it_is_done(self, layer: BaseChannelLayer) -> None:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)
        await layer.group_add("g", channel)

        def work() -> None:
            for number in range(50):
                layer.send_sync(channel, {"type": "t", "n": 2 * number})
                layer.group_send_sync("g", {"type": "t", "n": 2 * number + 1})

        await asyncio.to_thread(work)
        await eventually(lambda: len(got) == 100)
        assert got == numbered(*range(100))
        assert layer.statistics().sent == 100
        layer.detach(channel)

    async def test_several_threads_at_once_lose_nothing(self, layer: BaseChannelLayer) -> None:
        channel, got = await layer.new_channel(), list[Message]()
        layer.attach(channel, got.append)

        def work(by: int) -> None:
            for number in range(20):
                layer.send_sync(channel, {"type": "t", "by": by, "n": number})

        await asyncio.gather(*(asyncio.to_thread(work, by) for by in range(4)))
        await eventually(lambda: len(got) == 80)
        for by in range(4):
            assert [message["n"] for message in got if message["by"] == by] == list(range(20))
        layer.detach(channel)

    async def test_a_thread_is_told_what_is_wrong(self, layer: BaseChannelLayer) -> None:
        await layer.new_channel()
        for name, message, error in (
            ("no name", {"type": "t"}, TypeError),
            ("a", {"type": print}, InvalidMessage),
            ("a", {"type": "x" * 2_000_000}, MessageTooLarge),
        ):
            for send in (layer.send_sync, layer.group_send_sync):
                with pytest.raises(error):
                    await asyncio.to_thread(send, name, message)

    async def test_a_thread_is_told_that_a_channel_is_full(self, make: Make) -> None:
        layer = await make(capacity=2)
        await layer.new_channel()
        for message in numbered(1, 2):
            await asyncio.to_thread(layer.send_sync, "a", message)
        with pytest.raises(layer.ChannelFull, match="a holds 2"):
            await asyncio.to_thread(layer.send_sync, "a", {"type": "t"})

    # Counting --------------------------------------------------------------------------------------------------------

    async def test_what_is_counted(self, layer: BaseChannelLayer) -> None:
        assert layer.statistics() == Statistics()
        channels, got = [await layer.new_channel() for _ in range(2)], list[Message]()
        for channel in channels:
            layer.attach(channel, got.append)
            await layer.group_add("g", channel)
        await layer.send(channels[0], {"type": "t"})
        await layer.group_send("g", {"type": "t"})
        await layer.group_send("empty", {"type": "t"})
        await eventually(lambda: len(got) == 3)
        assert layer.statistics() == Statistics(sent=3, received=3)
        with pytest.raises(InvalidMessage):
            await layer.send(channels[0], {"type": print})
        assert layer.statistics().sent == 3

    # The end ---------------------------------------------------------------------------------------------------------

    async def test_flush_empties_the_layer_and_leaves_it_usable(self, layer: BaseChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.send(channel, {"type": "old"})
        await arrived(layer)
        await layer.flush()
        await layer.group_send("g", {"type": "old"})
        assert await waiting(layer, channel) == []
        await layer.group_add("g", channel)
        await layer.group_send("g", {"type": "new"})
        assert await waiting(layer, channel) == [{"type": "new"}]

    async def test_close_ends_the_wait_of_every_reader(self, make: Make) -> None:
        layer = await make()
        readers = [await reading(layer, channel) for channel in ("a", "a", "b")]
        await layer.close()
        done, pending = await asyncio.wait(readers, timeout=5)
        assert not pending
        assert all(reader.cancelled() for reader in done)
