"""What a layer keeps for each event loop. Sockets and tasks belong to one loop; a layer may serve several."""

import asyncio
import contextlib
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, Protocol, TypeVar


class Closing(Protocol):
    """What ends with its event loop."""

    async def close(self) -> None:
        """Release everything; called in the loop that it belongs to."""


_PATIENCE = 5.0

S = TypeVar("S", bound=Closing)


class Loops(Generic[S]):
    """One session for each event loop, made when it is first wanted and closed before the loop is.

    `asyncio.run` and everything like it closes a loop's asynchronous generators before the loop, so a generator that
    waits in the loop is closed in time. Whoever closes a loop by hand forgets that as a rule; so the loop is given a
    `close` that does it first.

    Args:
        make: makes the session of the running loop.
    """

    def __init__(self, make: Callable[[], S]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._guarded: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()
        self._elsewhere: dict[asyncio.AbstractEventLoop, tuple[S, AsyncGenerator[None, None]]] = {}
        self._sessions: dict[asyncio.AbstractEventLoop, tuple[S, AsyncGenerator[None, None]]] = {}

    def current(self) -> S:
        """Return the session of the running loop. Raises RuntimeError when none runs."""
        loop = asyncio.get_running_loop()
        entry = self._sessions.get(loop)
        if entry is None:
            self._forget_closed()
            session = self._make()
            guard = self._close_with_loop(loop, session)
            with contextlib.suppress(StopIteration):
                guard.__anext__().send(None)
            entry = session, guard
            with self._lock:
                self._sessions[loop] = entry
            self._guard(loop)
        return entry[0]

    def existing(self) -> S | None:
        """Return the session of the running loop, if one runs and has one."""
        try:
            entry = self._sessions.get(asyncio.get_running_loop())
        except RuntimeError:
            return None
        return entry[0] if entry else None

    async def everywhere(self, action: Callable[[S], Awaitable[None]]) -> None:
        """Run `action` on every session, each in its own loop. Loops that do not run now are left out."""
        here = asyncio.get_running_loop()
        for loop, (session, _) in list(self._sessions.items()):
            if loop is here:
                await action(session)
            elif loop.is_running():
                done = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_await(action(session)), loop))
                await asyncio.wait([done], timeout=_PATIENCE)  # a loop that ends meanwhile closes its own

    async def close(self) -> None:
        """Close the session of every loop that runs."""
        await self.everywhere(self._close)

    async def _close(self, session: S) -> None:
        entry = self._sessions.get(asyncio.get_running_loop())
        if entry is not None and entry[0] is session:
            await entry[1].aclose()

    async def _close_with_loop(self, loop: asyncio.AbstractEventLoop, session: S) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            with self._lock:
                self._sessions.pop(loop, None)
            await session.close()

    def _guard(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the session be closed before the loop is, also by whoever closes it by hand."""
        if loop in self._guarded:
            return
        self._guarded.add(loop)
        close = loop.close

        def close_both() -> None:
            entry = self._sessions.get(loop)
            if entry is not None and self._process == os.getpid() and _is_at_rest(loop):
                with contextlib.suppress(Exception):  # as sockets that are closed with their loop
                    loop.run_until_complete(entry[1].aclose())
            close()

        with contextlib.suppress(AttributeError):  # a loop that takes none is closed without
            loop.close = close_both  # type: ignore[method-assign]

    def _forget_closed(self) -> None:
        """A loop that was closed in another way took its sockets along; what is left is only the name."""
        if self._process != (here := os.getpid()):
            # Those of the process that forked this one are kept aside, so that nothing of theirs is ended here.
            self._process, self._lock = here, threading.Lock()
            self._elsewhere, self._sessions = self._sessions, {}
        with self._lock:
            for loop in [loop for loop in self._sessions if loop.is_closed()]:
                del self._sessions[loop]


def _is_at_rest(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop can still do something here: no other one runs in this thread either."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return not loop.is_closed() and not loop.is_running()
    return False


async def _await(awaitable: Awaitable[None]) -> None:
    await awaitable
