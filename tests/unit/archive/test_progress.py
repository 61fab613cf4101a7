"""One cancellation for everything that takes long."""

import asyncio
import threading

import pytest

from lanchat.archive.progress import Cancelled, Progress, in_thread
from lanchat.errors import JobError


def test_each_step_is_reported() -> None:
    steps: list[tuple[int, int]] = []
    progress = Progress(lambda done, total: steps.append((done, total)))
    progress.step(0, 2)
    progress.step(1, 2)
    assert (steps, progress.done, progress.total) == ([(0, 2), (1, 2)], 1, 2)


def test_a_step_ends_what_is_cancelled() -> None:
    steps: list[int] = []
    progress = Progress(lambda done, _: steps.append(done))
    progress.step(1, 2)
    assert not progress.cancelled
    progress.cancel()
    assert progress.cancelled
    with pytest.raises(Cancelled):
        progress.step(2, 2)
    assert (steps, progress.done) == ([1], 1)


def test_a_pause_ends_by_itself_or_when_it_is_cancelled() -> None:
    progress = Progress()
    progress.pause(0.001)
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.pause(1000)


async def test_work_in_a_thread_returns_or_raises() -> None:
    steps: list[int] = []

    def work(progress: Progress) -> int:
        progress.step(1, 1)
        return threading.get_ident()

    assert await in_thread(work, lambda done, _: steps.append(done)) != threading.get_ident()
    assert steps == [1]

    def fail(_: Progress) -> None:
        raise JobError

    with pytest.raises(JobError):
        await in_thread(fail)


@pytest.mark.parametrize("error", [Cancelled, JobError])
async def test_work_whose_waiting_is_cancelled_has_ended_by_then(error: type[Exception]) -> None:
    begun, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(progress: Progress) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            progress.pause(60)
        except Cancelled:
            ended.set()
            raise error from None

    task = asyncio.create_task(in_thread(work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
