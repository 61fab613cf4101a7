import asyncio

import pytest

from lanchat.chores import Chores
from tests.support.conditions import eventually


async def test_what_fails_is_said_and_the_rest_goes_on_until_the_end(caplog: pytest.LogCaptureFixture) -> None:
    chores, ended = Chores(), asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    async def go_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    chores.begin(go_on(), "one that goes on")
    chores.begin(fail(), "one that fails")
    await eventually(lambda: "'one that fails' failed" in caplog.text)
    assert not ended.is_set()
    await chores.close()
    assert ended.is_set()
    assert "goes on" not in caplog.text
