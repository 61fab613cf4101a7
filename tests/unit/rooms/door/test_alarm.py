"""Guesses at passphrases: what is refused, and what the owner is told: something at once, and never much."""

import asyncio

import pytest

from lanchat.errors import SlowDown
from lanchat.limits import Limits
from lanchat.rooms.door.alarm import PAUSE, Alarm
from tests.support.clock import Clock
from tests.support.conditions import eventually

LIMITS = Limits(guesses_per_address=5, guesses_per_room=1000)


def guess(alarm: Alarm, times: int, room: str = "vault", address: str = "192.0.2.1") -> None:
    for _ in range(times):
        alarm.begin(room, room, address)


async def test_a_few_wrong_ones_are_told_nobody_and_many_at_once_and_no_more_are_taken() -> None:
    told: list[str] = []
    alarm = Alarm(told.append, LIMITS)
    guess(alarm, 4)
    assert told == []
    guess(alarm, 1)
    assert "5 at 'vault', from one address" in told[0]
    with pytest.raises(SlowDown):
        guess(alarm, 1)
    alarm.close()


async def test_a_flood_is_one_sentence_in_a_while_with_its_count(clock: Clock) -> None:
    told: list[str] = []
    alarm = Alarm(told.append, LIMITS)
    guess(alarm, 5)
    for address in range(40):
        guess(alarm, 5, f"room {address % 6}", f"198.51.100.{address}")
    assert len(told) == 1
    clock.advance(PAUSE)
    await eventually(lambda: len(told) == 2)
    assert told[1].startswith("Many wrong passphrases were tried, 35 at 'room 0'")
    assert "at other rooms, from 40 addresses" in told[1]
    clock.advance(PAUSE)
    await eventually(lambda: alarm._timer is None)
    guess(alarm, 5, address="203.0.113.1")
    assert len(told) == 3
    alarm.close()


async def test_a_right_one_is_no_guess_and_after_the_end_nothing_is_told(clock: Clock) -> None:
    told: list[str] = []
    alarm = Alarm(told.append, LIMITS)
    for _ in range(9):
        alarm.begin("v", "vault", "192.0.2.1")
        alarm.right("v", "vault", "192.0.2.1")
    guess(alarm, 5, "club")
    assert "vault" not in told[0]
    guess(alarm, 5, "club", "192.0.2.2")
    alarm.close()
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(PAUSE, passed.set)
    clock.advance(2 * PAUSE)
    await passed.wait()
    assert len(told) == 1
