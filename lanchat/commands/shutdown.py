"""The end of a command that runs until it is asked to stop: by a signal, or because nobody reads its output."""

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import Coroutine, Iterator
from typing import Any


@contextlib.contextmanager
def shutdown_requested() -> Iterator[asyncio.Event]:
    """Return an event that is set when a signal asks the program to end. A second signal ends it at once."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: int) -> None:
        asked.set()
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        try:
            loop.add_signal_handler(number, ask, number)
        except NotImplementedError:  # Windows: its event loop takes no signals
            signal.signal(number, lambda number, _: loop.call_soon_threadsafe(ask, number))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


async def until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Do something until it is done, or SIGTERM, SIGINT or the end of the reader of our output comes before."""
    with shutdown_requested() as asked, _set_on_closed_pipe(asked):
        task = asyncio.ensure_future(work)
        waiting = asyncio.ensure_future(asked.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for other in (task, waiting):
            other.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def _set_on_closed_pipe(gone: asyncio.Event) -> Iterator[None]:
    """Set `gone` when nobody reads our output any more: `tail | head` ends then, and not at the next event."""
    loop = asyncio.get_running_loop()
    try:
        output = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(output).st_mode):
            loop.add_reader(output, gone.set)
    except (AttributeError, OSError, NotImplementedError):
        yield  # no output, or a system whose loop does not watch pipes: the next write fails
        return
    try:
        yield
    finally:
        loop.remove_reader(output)
