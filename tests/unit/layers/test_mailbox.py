import asyncio
import logging
import time
from typing import Any

import pytest

from lanchat.layers import ChannelFull, LayerError, Message, Overflow
from lanchat.layers.mailbox import Letter, Mailbox
from lanchat.layers.statistics import Counters, Statistics


def letter(number: int, seconds: float = 60, **more: Any) -> Letter:
    return Letter({"n": number}, time.monotonic() + seconds, **more)


class Box:
    """A mailbox for two, and what it told."""

    def __init__(self, overflow: Overflow = Overflow.DROP_OLDEST) -> None:
        self.counters = Counters()
        self.told: list[bool] = []
        self.box = Mailbox(
            "a",
            capacity=2,
            overflow=overflow,
            counters=self.counters,
            on_change=self.tell,
        )

    def tell(self, box: Mailbox) -> None:
        """Note the changes only; it may be told more often."""
        if box.listening != (self.told[-1:] == [True]):
            self.told.append(box.listening)

    def fill(self, count: int) -> Statistics:
        for number in range(count):
            self.box.deliver(letter(number))
        return self.counters.snapshot()


async def test_the_oldest_goes_when_the_policy_says_so() -> None:
    given = Box(Overflow.DROP_OLDEST)
    assert given.fill(5).dropped == 3
    assert [await given.box.get(), await given.box.get()] == [{"n": 3}, {"n": 4}]


async def test_the_newest_goes_when_the_policy_says_so() -> None:
    given = Box(Overflow.DROP_NEWEST)
    assert given.fill(5).dropped == 3
    assert [await given.box.get(), await given.box.get()] == [{"n": 0}, {"n": 1}]


async def test_a_slow_reader_is_ended_when_the_policy_says_so() -> None:
    given = Box(Overflow.DISCONNECT)
    assert given.fill(5).dropped >= 3
    for _ in range(2):
        with pytest.raises(ChannelFull, match="fell behind"):
            await given.box.get()


async def test_expired_messages_make_room_and_are_not_read() -> None:
    given = Box(Overflow.DROP_NEWEST)
    for number in range(2):
        given.box.deliver(letter(number, seconds=-1))
    given.box.deliver(letter(2))
    assert await given.box.get() == {"n": 2}
    assert given.counters.snapshot() == Statistics(received=3, expired=2)


async def test_a_receiver_gets_what_waits_and_what_comes() -> None:
    given, got = Box(), list[Message]()
    given.box.deliver(letter(1))
    given.box.attach(got.append)
    given.box.deliver(letter(2))
    assert got == [{"n": 1}, {"n": 2}]
    given.box.close()
    assert given.told == [True, False]


def test_a_receiver_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    given = Box()

    def fail(message: Message) -> None:
        raise ZeroDivisionError

    given.box.attach(fail)
    with caplog.at_level(logging.ERROR):
        given.box.deliver(letter(1))
    assert "A receiver failed" in caplog.text


async def test_it_tells_when_somebody_listens_and_when_nobody_does() -> None:
    given = Box()
    readers = [asyncio.create_task(given.box.get()) for _ in range(2)]
    await asyncio.sleep(0)
    given.box.deliver(letter(1))
    assert given.told == [True]
    given.box.deliver(letter(2))
    assert given.told == [True, False]
    assert await asyncio.gather(*readers) == [{"n": 1}, {"n": 2}]
    cancelled = asyncio.create_task(given.box.get())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    assert given.told == [True, False, True, False]


async def test_what_a_cancelled_reader_had_goes_to_the_next_or_back() -> None:
    given, returned = Box(), list[int]()
    first, second = (asyncio.create_task(given.box.get()) for _ in range(2))
    await asyncio.sleep(0)
    given.box.deliver(letter(1))
    first.cancel()
    assert await second == {"n": 1}
    third = asyncio.create_task(given.box.get())
    await asyncio.sleep(0)
    given.box.deliver(letter(2, put_back=lambda: returned.append(2)))
    third.cancel()
    await asyncio.wait({third})
    assert returned == [2]


async def test_close_cancels_readers_and_gives_back_what_is_shared() -> None:
    given, returned = Box(), list[int]()
    given.box.deliver(letter(1, put_back=lambda: returned.append(1)))
    given.box.close()
    reader = asyncio.create_task(given.box.get())
    await asyncio.sleep(0)
    given.box.close()
    await asyncio.wait({reader})
    assert reader.cancelled()
    assert returned == [1]


async def test_an_ended_mailbox_takes_no_more_until_a_receiver_begins_anew() -> None:
    given, got = Box(Overflow.DISCONNECT), list[Message]()
    assert given.fill(3).dropped == 3
    assert not given.box.put(letter(4))
    assert given.box.full
    assert not given.box.spent
    given.box.attach(got.append)
    assert given.box.put(letter(5))
    assert got == [{"n": 5}]


async def test_the_order_is_kept_when_readers_are_cancelled_with_their_messages_there() -> None:
    given = Box()
    readers = [asyncio.create_task(given.box.get()) for _ in range(2)]
    await asyncio.sleep(0)
    given.fill(2)
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    assert [await given.box.get(), await given.box.get()] == [{"n": 0}, {"n": 1}]


async def test_what_another_reader_is_about_to_take_is_not_put_back() -> None:
    given, returned = Box(), list[int]()
    first, second = (asyncio.create_task(given.box.get()) for _ in range(2))
    await asyncio.sleep(0)
    for number in (1, 2):
        given.box.put(letter(number, put_back=lambda number=number: returned.append(number)))
    first.cancel()
    assert await second == {"n": 1}
    assert returned == [2]


async def test_readers_and_receivers_do_not_mix() -> None:
    given = Box()
    asleep, woken = (asyncio.create_task(given.box.get()) for _ in range(2))
    await asyncio.sleep(0)
    given.box.put(letter(1))
    given.box.attach(list[Message]().append)
    await asyncio.wait([asleep, woken])
    assert asleep.cancelled()
    assert woken.cancelled()
    with pytest.raises(LayerError, match="go to a receiver"):
        await given.box.get()


def test_a_mailbox_is_spent_when_nothing_holds_it() -> None:
    given = Box()
    assert given.box.spent
    assert given.box.empty
    given.box.groups.add("g")
    assert not given.box.spent
    given.box.groups.clear()
    given.fill(1)
    assert not given.box.spent
    assert not given.box.empty
    given.box.clear()
    assert given.box.spent
