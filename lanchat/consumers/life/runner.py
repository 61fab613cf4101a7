"""Runs the coroutine handlers of many consumers in few tasks.

A task per consumer and message costs more than most handlers do, because most never wait: they write to a socket and
are done. So one task runs the handlers of all consumers that have messages, one after the other. When a handler does
wait, the task stays with its consumer, and another task goes on with the rest.
"""

import asyncio
import contextvars
from collections import deque
from typing import Any, Protocol
from weakref import WeakKeyDictionary

_runners: "WeakKeyDictionary[asyncio.AbstractEventLoop, Runner]" = WeakKeyDictionary()


class Inbox(Protocol):
    """What has handlers to run."""

    async def drain(self, task: "asyncio.Task[Any]") -> None:
        """Run those that wait now. Raises nothing.

        Args:
            task: in which this runs.
        """


class Runner:
    """The inboxes of one event loop that have handlers to run."""

    def __init__(self) -> None:
        self._ready: deque[Inbox] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._active = False
        self._turn = 0

    def push(self, inbox: Inbox) -> None:
        """Drain `inbox` soon. One that is being drained must not be pushed again."""
        self._ready.append(inbox)
        if not self._active:
            self._start()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._active = True
        # In a context of its own: it runs handlers of many consumers, and who sent the first message is none of them.
        task = loop.create_task(self._run(), name="handlers", context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Comes right after the first step of the task: by then it has drained everything, or it waits in a handler.
        loop.call_soon(self._hand_on)

    async def _run(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is one
        turn = self._turn
        # What is pushed meanwhile is for the next turn of the loop, or two that answer each other would stop it.
        for _ in range(len(self._ready)):
            await self._ready.popleft().drain(task)
            if self._turn != turn:
                return

    def _hand_on(self) -> None:
        self._turn += 1
        self._active = False
        if self._ready:
            self._start()


def current_runner() -> Runner:
    """Return the runner of the running event loop."""
    loop = asyncio.get_running_loop()
    runner = _runners.get(loop)
    if runner is None:
        runner = _runners[loop] = Runner()
    return runner
