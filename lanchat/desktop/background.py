"""The node in a thread of its own, because a window has to have the main one."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from typing import TYPE_CHECKING

import msgspec

from lanchat.config import Config

if TYPE_CHECKING:
    from lanchat.web import Server

_PATIENCE = 2.0


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """Where a started node is.

    Attributes:
        url: URL of the window's app with a one-time token; only the window may see it.
        window_url: the same without the token.
        lan_url: where others reach it.
    """

    url: str
    window_url: str
    lan_url: str


class Background:
    """A node with its apps, on its own thread and event loop.

    Args:
        config: settings of the node.
        on_front: returns whether a window was brought to the front; called on the node's thread, must not block.
        on_end: called on the node's thread when a node that had started has ended, for whatever reason.
    """

    def __init__(
        self, config: Config, *, on_front: Callable[[], bool], on_end: Callable[[], object] = lambda: None
    ) -> None:
        self._config = config
        self._on_front = on_front
        self._on_end = on_end
        self._started: Future[Started] = Future()
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="node", daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def started(self) -> Started:
        """Wait until the node listens.

        Raises:
            LanchatError: it cannot; the error is the one that `serve` raised.
        """
        return self._started.result()

    def fresh_url(self) -> str:
        """Return a URL with a new one-time token, from any other thread; empty when the node has ended."""
        server, loop = self._server, self._loop
        if server is None or loop is None:
            return ""
        made: Future[str] = Future()
        try:
            loop.call_soon_threadsafe(lambda: made.set_result(server.new_window_url()))
            return made.result(_PATIENCE)
        except (RuntimeError, Late, CancelledError):
            return ""

    def stop(self, seconds: float = _PATIENCE) -> None:
        """End the node and wait for its end, at most so many seconds."""
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._stop.set)
            except RuntimeError:
                return  # The loop is closed: it has ended already.
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which reports it
            self.failure = error
            if not self._started.done():
                self._started.set_exception(error)
        finally:
            self._server = None
            if self._started.exception() is None:
                self._on_end()

    async def _serve(self) -> None:
        from lanchat.web import serve

        self._loop = asyncio.get_running_loop()
        async with serve(self._config) as server:
            server.on_front = self._on_front
            self._server = server
            self._started.set_result(
                Started(url=server.new_window_url(), window_url=server.window_url, lan_url=server.lan_url)
            )
            await self._stop.wait()
            self._server = None
