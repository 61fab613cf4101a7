"""A command that runs until it is told to end."""

import asyncio
import os
import signal

import pytest

from lanchat.commands.shutdown import shutdown_requested, until_signalled


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_once_and_then_the_system_decides(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with shutdown_requested() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(asked.wait(), 60)
        assert signal.getsignal(number) is signal.SIG_DFL
    assert signal.getsignal(number) is before


async def test_work_that_is_shutdown_requested_is_cancelled() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            ended.set()

    await until_signalled(work())
    assert ended.is_set()


async def test_work_that_ends_by_itself_ends_it_and_its_error_is_told() -> None:
    async def work() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await until_signalled(work())
