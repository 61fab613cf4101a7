"""One timer for many connections, on a clock that the tests move."""

import asyncio
from collections.abc import Iterator
from random import Random

import pytest

from lanchat.consumers.timer_wheel import TimerWheel
from tests.model.clockwork import Clockwork
from tests.support.clock import Clock
from tests.support.conditions import eventually


class Member:
    """Counts how often it is called."""

    calls = 0


@pytest.fixture
def clock() -> Iterator[Clockwork]:
    loop = Clockwork(Random(0))
    yield loop
    loop.close()


@pytest.fixture
def wheel() -> TimerWheel[Member]:
    def call(member: Member) -> None:
        member.calls += 1

    return TimerWheel(lambda: 10.0, call)


async def join(wheel: TimerWheel[Member], *members: Member) -> None:
    for member in members:
        wheel.add(member)


def test_each_is_called_once_in_a_period(clock: Clockwork, wheel: TimerWheel[Member]) -> None:
    early, late = Member(), Member()
    clock.run_until_complete(join(wheel, early))
    clock.run_for(4.5)
    clock.run_until_complete(join(wheel, late))
    clock.run_for(4.4)
    assert (early.calls, late.calls) == (0, 0)
    clock.run_for(1.2)
    assert (early.calls, late.calls) == (1, 0)
    clock.run_for(4.5)
    assert (early.calls, late.calls) == (1, 1)
    clock.run_for(100)
    assert (early.calls, late.calls) == (11, 11)


def test_who_was_taken_off_is_not_called_and_an_empty_wheel_stands_still(
    clock: Clockwork, wheel: TimerWheel[Member]
) -> None:
    one, two = Member(), Member()
    clock.run_until_complete(join(wheel, one, two))
    assert len(wheel) == 2
    wheel.discard(one)
    clock.run_for(11)
    assert (one.calls, two.calls) == (0, 1)
    wheel.discard(two)
    wheel.discard(two)
    assert (len(wheel), wheel._timer) == (0, None)
    clock.run_until_complete(join(wheel, one))
    clock.run_for(11)
    assert (one.calls, two.calls) == (1, 1)


def test_after_a_sleep_of_the_machine_each_is_called_once(wheel: TimerWheel[Member]) -> None:
    time, one, two = Clock(), Member(), Member()

    async def sleep() -> None:
        await join(wheel, one, two)
        time.advance(95)
        await eventually(lambda: two.calls > 0)
        assert (one.calls, two.calls) == (1, 1)
        time.advance(95)
        await eventually(lambda: two.calls > 1)
        assert (one.calls, two.calls) == (2, 2)

    with time.installed():
        asyncio.run(sleep())


def test_one_may_take_another_off_in_the_same_moment(clock: Clockwork) -> None:
    def call(member: Member) -> None:
        member.calls += 1
        for other in members:
            wheel.discard(other)

    wheel = TimerWheel(lambda: 10.0, call)
    members = [Member(), Member()]
    clock.run_until_complete(join(wheel, *members))
    clock.run_for(30)
    assert sorted(member.calls for member in members) == [0, 1]


def test_one_that_fails_does_not_hold_up_the_others(clock: Clockwork, caplog: pytest.LogCaptureFixture) -> None:
    called: list[int] = []

    def call(number: int) -> None:
        called.append(number)
        if number == 1:
            raise ZeroDivisionError

    wheel: TimerWheel[int] = TimerWheel(lambda: 1.0, call)

    async def join() -> None:
        for number in (1, 2):
            wheel.add(number)

    clock.run_until_complete(join())
    clock.run_for(2.05)
    assert called == [1, 2, 1, 2]
    assert "ZeroDivisionError" in caplog.text
