"""One application of a worker, which takes the messages of a channel one after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NoReturn

from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.layers import BaseChannelLayer, Message

_log = logging.getLogger(__name__)
_LET_GO = 2.0
_AGAIN = 1.0

ChannelApp = Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]]


class Slot:
    """Runs an app on a channel; when it ends or fails, it is begun anew for the next message.

    A message counts as handled when the app asks for the next one, or ends.

    Args:
        app: gets the scope `{"type": "channel", "channel": …}`, and the messages as its events.
        layer: where they come from.
        channel: of what name.
        patience: seconds that a message may take; then the app is cancelled.

    Attributes:
        channel: the same.
        handled: messages that were handled.
        failed: messages on which the app raised something.
        hung: messages that took too long.
        stuck: apps that were cancelled and did not end, because they block a thread; they are left behind.
    """

    def __init__(self, app: ChannelApp, layer: BaseChannelLayer, channel: str, *, patience: float) -> None:
        self.channel = channel
        self.handled = self.failed = self.hung = self.stuck = 0
        self._app = app
        self._layer = layer
        self._patience = patience
        self._message: Message | None = None
        self._changed = asyncio.Event()
        self._stopping = False
        self._turn = 0

    async def run(self) -> None:
        """Take messages until `stop`, and end then when the message at hand is handled."""
        while not self._stopping:
            taken = self._taken()
            self._turn += 1
            scope = {"type": "channel", "channel": self.channel}
            app = asyncio.ensure_future(self._app(scope, partial(self._receive, self._turn), _refuse))
            try:
                await self._watch(app)
            finally:
                await self._let_go(app)
            if taken == self._taken():
                await self._pause()

    def stop(self) -> None:
        """Take no more."""
        self._stopping = True
        self._changed.set()

    def _taken(self) -> int:
        return self.handled + self.failed + self.hung

    async def _pause(self) -> None:
        """Wait a little: an app that ends before it takes anything would be begun anew without end."""
        if not self._stopping:
            await asyncio.sleep(_AGAIN)

    async def _watch(self, app: "asyncio.Future[Any]") -> None:
        """Wait until the app has ended, has hung, or has nothing to do when it should stop."""
        while True:
            self._changed.clear()
            if self._stopping and self._message is None:
                return
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                patience = self._patience if self._message is not None else None
                await asyncio.wait({app, changed}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
            if app.done():
                self._end(app)
                return
            if not changed.done() and self._message is not None:
                self.hung += 1
                kind, self._message = self._message.get("type"), None
                _log.error(
                    "A message of type %r in %s was not handled within %g s, and is given up",
                    kind, self.channel, self._patience,
                )  # fmt: skip
                return

    def _end(self, app: "asyncio.Future[Any]") -> None:
        message, self._message = self._message, None
        error = _failure(app) if message is not None or not app.cancelled() else None
        if error is not None:
            self.failed += message is not None
            kind = "no message" if message is None else f"a message of type {message.get('type')!r}"
            _log.error("What takes %s failed on %s", self.channel, kind, exc_info=error)
        elif message is not None:
            self.handled += 1

    async def _let_go(self, app: "asyncio.Future[Any]") -> None:
        app.cancel()
        await asyncio.wait({app}, timeout=_LET_GO)
        if not app.done():
            self.stuck += 1
            _log.error("What takes %s blocks a thread and cannot be stopped; it is left behind", self.channel)

    async def _receive(self, turn: int) -> AsgiEvent:
        if turn != self._turn:
            raise asyncio.CancelledError  # it was left behind, and has ended what it was at
        if self._message is not None:
            self._message = None
            self.handled += 1
            self._changed.set()
        if self._stopping:
            await asyncio.Event().wait()  # until it is cancelled
        message = await self._layer.receive(self.channel)
        self._message = message
        self._changed.set()
        return message


def _failure(app: "asyncio.Future[Any]") -> BaseException | None:
    """Return what an app has ended with, also where it was cancelled by what it waited for."""
    return asyncio.CancelledError() if app.cancelled() else app.exception()


async def _refuse(event: AsgiEvent) -> NoReturn:
    raise ValueError(f"A worker's consumer has nobody to send {event.get('type')!r} to; use the layer.")
