"""What changes quickly is said at once and then now and then, and the last state is always said."""

import logging

import pytest

from lanchat.layers import LayerUnreachable
from lanchat.rooms.throttle import Throttle
from tests.support.conditions import eventually


async def test_a_change_is_said_at_once_and_a_storm_of_them_seldom() -> None:
    now, said = 0, []

    async def say() -> None:
        said.append(now)

    throttle = Throttle(say, 0.02, "x")
    for number in range(100):
        now = number
        await throttle.changed()
    assert said == [0]
    await eventually(lambda: said == [0, 99])
    await throttle.close()


async def test_after_a_quiet_pause_the_next_change_is_said_at_once() -> None:
    said: list[int] = []

    async def say() -> None:
        said.append(len(said))

    throttle = Throttle(say, 0.001, "x")
    await throttle.changed()
    await eventually(lambda: throttle._task is not None and throttle._task.done())
    await throttle.changed()
    assert said == [0, 1]
    await throttle.close()


async def test_where_it_waits_everything_that_changes_meanwhile_is_said_once() -> None:
    now, said = 0, []

    async def say() -> None:
        said.append(now)

    throttle = Throttle(say, 0.01, "x", at_once=False)
    for number in range(1, 101):
        now = number
        await throttle.changed()
    assert said == []
    await eventually(lambda: said == [100])
    await eventually(lambda: throttle._task is not None and throttle._task.done())
    now = 101
    await throttle.changed()
    await eventually(lambda: said == [100, 101])
    await throttle.close()


async def test_what_could_not_be_said_is_logged_and_the_next_is_said(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    async def say() -> None:
        said.append("x")
        if len(said) == 2:
            raise LayerUnreachable("away")

    throttle = Throttle(say, 0.005, "Who is here")
    with caplog.at_level(logging.WARNING):
        await throttle.changed()
        await throttle.changed()
        await eventually(lambda: len(said) == 2)
        await throttle.changed()
        await eventually(lambda: len(said) == 3)
    assert "Who is here could not be sent: away" in caplog.text
    await throttle.close()


async def test_nothing_is_said_after_the_end() -> None:
    said: list[str] = []

    async def say() -> None:
        said.append("x")

    throttle = Throttle(say, 0.01, "x")
    await throttle.close()
    await throttle.changed()
    await throttle.changed()
    await throttle.close()
    assert said == ["x"]
    assert throttle._task is not None
    assert throttle._task.cancelled()
