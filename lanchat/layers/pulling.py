"""Hands on what a layer that can only be asked has: one task for each channel that somebody listens to."""

import asyncio
import functools
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from lanchat.layers.errors import LayerError
from lanchat.layers.mailbox import FAILED, Receiver
from lanchat.layers.message import EXCLUDED, Message
from lanchat.layers.throttled_log import ThrottledLog

_log = logging.getLogger(__name__)
_PAUSES = (0.1, 0.2, 0.5, 1.0)
_PATIENCE = 5.0
T = TypeVar("T")


class Puller:
    """Pushes for a layer that has no push, and leaves the groups of a channel that ends.

    Args:
        receive: waits for the next message of a channel.
        group_discard: ends a membership.
    """

    def __init__(
        self,
        receive: Callable[[str], Awaitable[Message]],
        group_discard: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._receive = receive
        self._group_discard = group_discard
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._groups: dict[str, set[str]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._failed = ThrottledLog(_log, logging.WARNING, "The channel %s cannot be received now: %r")

    def attach(self, channel: str, receiver: Receiver) -> None:
        """Hand the messages of `channel` to `receiver` from now on, in the place of the one of before."""
        self._stop(channel)
        self.enter()
        self._tasks[channel] = asyncio.create_task(self._pull(channel, receiver), name=f"channel {channel}")

    def joined(self, group: str, channel: str) -> None:
        """Note a membership."""
        self.enter()
        self._groups.setdefault(channel, set()).add(group)

    def left(self, group: str, channel: str) -> None:
        """Note the end of a membership."""
        if groups := self._groups.get(channel):
            groups.discard(group)
            if not groups:
                del self._groups[channel]

    def detach(self, channel: str) -> None:
        """Hand on no more, and leave every group."""
        self._stop(channel)
        if groups := self._groups.pop(channel, None):
            task = asyncio.create_task(self._leave(channel, groups))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End everything that was begun here."""
        for channel in {*self._tasks, *self._groups}:
            self.detach(channel)
        if self._ending:
            await asyncio.wait(self._ending, timeout=_PATIENCE)

    def enter(self) -> None:
        """Note the loop in which the layer is used."""
        self._loop, self._process = asyncio.get_running_loop(), os.getpid()

    def call(self, action: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `action` gives, from a thread or a program without a loop: it blocks until that is there.

        Raises:
            LayerError: a loop runs in this thread, which must not be blocked, or the layer's own is busy for 5 seconds.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise LayerError("This layer is awaited where a loop runs: use send and group_send here.")
        loop = self._loop
        if loop is None or self._process != os.getpid() or not loop.is_running():
            return asyncio.run(action())
        done = asyncio.run_coroutine_threadsafe(action(), loop)
        try:
            return done.result(_PATIENCE)
        except TimeoutError:
            done.cancel()
            raise LayerError(f"The layer did not answer within {_PATIENCE:g} seconds.") from None

    async def _pull(self, channel: str, receiver: Receiver) -> None:
        tries = 0
        while True:
            try:
                message = await self._receive(channel)
            except Exception as error:  # noqa: BLE001 - the layer is another's, and its server may come back
                self._failed(channel, error)
                await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                continue
            tries = 0
            if message.get(EXCLUDED) != channel:
                _hand_on(message, receiver)
            await asyncio.sleep(0)  # a layer in memory may give one message after the other without a pause

    async def _leave(self, channel: str, groups: set[str]) -> None:
        for group in groups:
            try:
                await self._group_discard(group, channel)
            except Exception as error:  # noqa: BLE001 - as above; the membership ends by itself
                self._failed(channel, error)

    def _stop(self, channel: str) -> None:
        if task := self._tasks.pop(channel, None):
            task.cancel()


def note_memberships(kind: type) -> None:
    """Let the methods of a class that begin and end memberships tell its `puller`, which ends what is left of them."""
    for name, note in (("group_add", Puller.joined), ("group_discard", Puller.left)):
        if function := vars(kind).get(name):
            setattr(kind, name, _noting(function, note))


def takes(function: Callable[..., object], name: str) -> bool:
    """Return whether a function has an argument of this name, or takes the place of one."""
    parameters = inspect.signature(function).parameters.values()
    return any(each.name == name or each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)


def _noting(
    function: Callable[..., Awaitable[Any]], note: Callable[[Puller, str, str], None]
) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def noting(self: Any, group: str, channel: str, *more: Any, **named: Any) -> Any:  # noqa: ANN401
        done = await function(self, group, channel, *more, **named)
        note(self.puller, group, channel)
        return done

    return noting


def _hand_on(message: Message, receiver: Receiver) -> None:
    given = {key: value for key, value in message.items() if key != EXCLUDED} if EXCLUDED in message else message
    try:
        receiver(given)
    except Exception:  # noqa: BLE001 - one message must not end the channel
        _log.exception(FAILED, message.get("type"))
