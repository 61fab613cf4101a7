"""What the owner is told of guesses: something at once, and never much."""

import asyncio

from lanchat.rooms.door.alarm import PAUSE, Alarm
from tests.support.clock import Clock
from tests.support.conditions import eventually


def guess(alarm: Alarm, times: int, room: str = "vault", address: str = "192.0.2.1", *, pressing: bool = True) -> None:
    for number in range(times):
        alarm.guess(room, address, pressing=pressing and number == times - 1)


async def test_a_few_wrong_ones_are_told_nobody_and_many_at_once() -> None:
    told: list[str] = []
    alarm = Alarm(told.append)
    guess(alarm, 4, pressing=False)
    assert told == []
    alarm.guess("vault", "192.0.2.1", pressing=True)
    assert "5 at 'vault', from one address" in told[0]
    alarm.close()


async def test_a_flood_is_one_sentence_in_a_while_with_its_count(clock: Clock) -> None:
    told: list[str] = []
    alarm = Alarm(told.append)
    guess(alarm, 5)
    for address in range(40):
        guess(alarm, 5, f"room {address % 6}", f"192.0.2.{address}")
    assert len(told) == 1
    clock.advance(PAUSE)
    await eventually(lambda: len(told) == 2)
    assert told[1].startswith("Many wrong passphrases were tried, 35 at 'room 0'")
    assert "at other rooms, from 40 addresses" in told[1]
    clock.advance(PAUSE)
    await eventually(lambda: alarm._timer is None)
    guess(alarm, 5)
    assert len(told) == 3
    alarm.close()


async def test_a_right_one_is_no_guess_and_after_the_end_nothing_is_told(clock: Clock) -> None:
    told: list[str] = []
    alarm = Alarm(told.append)
    alarm.guess("vault", "192.0.2.1", pressing=False)
    alarm.right("vault")
    guess(alarm, 5, "club")
    assert "vault" not in told[0]
    guess(alarm, 5)
    alarm.close()
    clock.advance(PAUSE)
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(PAUSE / 2, passed.set)
    clock.advance(PAUSE)
    await passed.wait()
    assert len(told) == 1
