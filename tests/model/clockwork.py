"""An event loop in which nobody waits: its clock jumps to the next timer, and one random generator decides all timing.

The threads of the journal are played by the loop itself. Work for an executor is done in the order in which it was
given, at once or only when its answer is due; both happen with real threads. So the same seed gives the same run.
"""

import asyncio
import selectors
from asyncio import Future
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

DELAYS = (0.0, 0.0005, 0.004, 0.05)
"""Seconds that one thing may take longer than another: an answer of the disk, a frame on its way."""


class Clockwork(asyncio.SelectorEventLoop):
    """A loop with a clock of its own.

    Args:
        chance: decides how long everything takes.
    """

    def __init__(self, chance: Random) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)
        self._chance = chance
        self._work: dict[Executor | None, deque[_Work]] = {}

    def time(self) -> float:
        return self._clock.now

    def run_for(self, seconds: float) -> None:
        """Let so much time of its clock go by."""
        self.call_later(seconds, self.stop)
        self.run_forever()

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> Future[T]:  # type: ignore[override]
        work = _Work(lambda: func(*args), self.create_future())
        waiting = self._work.setdefault(executor, deque())
        waiting.append(work)
        if self._chance.random() < 0.5:
            for each in waiting:
                each.run()
        self.call_later(self._chance.choice(DELAYS), _answer_first, waiting)
        return work.done


class _Clock(selectors.DefaultSelector):
    """Waits for nothing: the time that it was to wait has gone by at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("Everybody waits, and nothing will ever happen again.")
        self.now += timeout
        return []


class _Work:
    """One piece of work of an executor. What it raises is raised to the one who waits."""

    def __init__(self, work: Callable[[], Any], done: Future[Any]) -> None:
        self.done = done
        self._work: Callable[[], Any] | None = work
        self._result: Any = None
        self._error: Exception | None = None

    def run(self) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        try:
            self._result = work()
        except Exception as error:  # noqa: BLE001 - handed on
            self._error = error

    def answer(self) -> None:
        self.run()
        if self.done.done():
            return
        if self._error is not None:
            self.done.set_exception(self._error)
        else:
            self.done.set_result(self._result)


def _answer_first(waiting: deque[_Work]) -> None:
    waiting.popleft().answer()
