"""What one event loop holds of a Redis layer: its channels, their groups, and the heartbeat that renews those."""

import abc
import asyncio
import contextlib
import inspect
import logging
import time
from collections.abc import Callable, Coroutine, Sequence

from lanchat.layers.errors import LayerError
from lanchat.layers.mailbox import Letter, Mailbox
from lanchat.layers.redis.connection import Command, Pipeline
from lanchat.layers.redis.wire import new_client
from lanchat.layers.statistics import Counters

Hook = str | Callable[[], object] | None
"""Who learns of a lost or regained connection: every channel, by a message of this type; or a function."""

Requests = list[tuple[int, tuple[Command, ...]]]
"""Commands by the index of the server that they are for."""

_log = logging.getLogger(__name__)
_BEATS_PER_LEASE = 3
_LEASES_UNTIL_FORGOTTEN = 5
_GOODBYE = 2.0


class LayerSession(abc.ABC):
    """The part of a layer that lives in one event loop.

    Args:
        pipelines: the way to each server, in the order of the servers.
        new_mailbox: makes the mailbox of a channel.
        counters: what the layer counts.
        lease: seconds that a membership lasts without being renewed.
        on_disconnect: used when a reading connection is lost.
        on_reconnect: used when it is back and everything is subscribed again.

    Attributes:
        client: random id of this loop's channels.
        channels: the mailboxes in use, by channel.
        groups: the members of each group that are channels of this loop.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        new_mailbox: Callable[[str, Callable[[Mailbox], None]], Mailbox],
        counters: Counters,
        lease: float,
        on_disconnect: Hook,
        on_reconnect: Hook,
    ) -> None:
        self.client = new_client()
        self.pipelines = pipelines
        self.counters = counters
        self.channels: dict[str, Mailbox] = {}
        self.groups: dict[str, dict[str, None]] = {}
        self._new_mailbox = new_mailbox
        self._lease = lease
        self._hooks = (on_disconnect, on_reconnect)
        self._hooked: set[asyncio.Task[None]] = set()
        self._early = asyncio.Event()
        self._heart: asyncio.Task[None] | None = None
        self._closed = False

    @abc.abstractmethod
    def renewal(self) -> Requests:
        """Return the commands that renew every membership of this loop's channels."""

    @abc.abstractmethod
    def farewell(self) -> Requests:
        """Return the commands that take back what this loop has in Redis."""

    @abc.abstractmethod
    def opened(self, mailbox: Mailbox) -> None:
        """Called when a channel is new here."""

    @abc.abstractmethod
    def listening_changed(self, mailbox: Mailbox) -> None:
        """Called when somebody begins or ceases to listen to a channel."""

    @abc.abstractmethod
    def dropped(self, mailbox: Mailbox) -> None:
        """Called when a channel is no longer here."""

    @abc.abstractmethod
    async def disconnect(self) -> None:
        """Called when the session closes, before the pipelines do."""

    def mailbox(self, channel: str) -> Mailbox:
        """Return the mailbox of `channel`; a new one when it has none."""
        mailbox = self.channels.get(channel)
        if mailbox is None:
            if self._closed:
                raise LayerError("The channel layer was closed.")
            mailbox = self.channels[channel] = self._new_mailbox(channel, self.listening_changed)
            self.opened(mailbox)
            if self._heart is None:
                self._heart = asyncio.create_task(self._beat())
        return mailbox

    def join(self, group: str, channel: str) -> bool:
        """Note a membership; False when it was known."""
        members = self.groups.setdefault(group, {})
        known = channel in members
        members[channel] = None
        self.mailbox(channel).groups.add(group)
        return not known

    def leave(self, group: str, channel: str) -> bool:
        """Forget a membership; False when there was none here."""
        if mailbox := self.channels.get(channel):
            mailbox.groups.discard(group)
        members = self.groups.get(group)
        if members is None or channel not in members:
            return False
        del members[channel]
        if not members:
            del self.groups[group]
        return True

    def drop(self, channel: str) -> list[str]:
        """Forget a channel and all its memberships; return the groups that it was in."""
        mailbox = self.channels.get(channel)
        if mailbox is None:
            return []
        groups = sorted(mailbox.groups)
        for group in groups:
            self.leave(group, channel)
        del self.channels[channel]
        mailbox.close()
        self.dropped(mailbox)
        return groups

    def clear(self) -> None:
        """Drop what waits and all memberships."""
        for mailbox in list(self.channels.values()):
            for group in list(mailbox.groups):
                self.leave(group, mailbox.name)
            mailbox.clear()

    def lost(self, reason: BaseException) -> None:
        """A reading connection was lost."""
        _log.warning("The channel layer lost Redis and tries again: %s", reason)
        self._announce(self._hooks[0])

    def back(self) -> None:
        """It is back. Redis may have forgotten everything meanwhile."""
        self.counters.reconnects += 1
        _log.info("The channel layer has Redis again")
        self._early.set()
        self._announce(self._hooks[1])

    def post(self, requests: Requests) -> None:
        """Send commands and wait for nothing. When they fail, the lease does later what they were to do now."""
        for index, commands in requests:
            self.pipelines[index].post(*commands)

    async def request(self, requests: Requests) -> None:
        """Send commands whose replies hold nothing. Raises LayerError when one fails; the others are tried as well."""
        asked = (self.pipelines[index].ask(*commands) for index, commands in requests)
        for result in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def close(self) -> None:
        """Take back what is in Redis, as far as that can be reached in 2 seconds, and end everything."""
        if self._closed:
            return
        self._closed = True
        requests = self.farewell()
        for mailbox in list(self.channels.values()):
            mailbox.close()
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.wait([self._heart])
        await self.disconnect()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                self.post(requests)
                for pipeline in self.pipelines:
                    await pipeline.flush()
        for task in self._hooked:
            task.cancel()
        for pipeline in self.pipelines:
            await pipeline.close()
        self.channels.clear()
        self.groups.clear()

    async def _beat(self) -> None:
        pause = self._lease / _BEATS_PER_LEASE
        wait = pause
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._early.wait()
            self._early.clear()
            self._forget_idle()
            try:
                if requests := self.renewal():
                    await self.request(requests)
                wait = pause
            except LayerError as error:
                _log.debug("Memberships were not renewed: %s", error)
                wait = min(pause, 1.0)
            except Exception:  # noqa: BLE001 - a heart that stops would let every membership lapse
                _log.exception("Memberships were not renewed")

    def _forget_idle(self) -> None:
        oldest = time.monotonic() - self._lease * _LEASES_UNTIL_FORGOTTEN
        for mailbox in [each for each in self.channels.values() if not each.attended and each.used < oldest]:
            self.drop(mailbox.name)

    def _announce(self, hook: Hook) -> None:
        if isinstance(hook, str):
            for mailbox in list(self.channels.values()):
                mailbox.deliver(Letter({"type": hook}, time.monotonic() + self._lease))
        elif hook is not None:
            try:
                result = hook()
            except Exception:  # noqa: BLE001 - a hook is somebody else's code
                _log.exception("The hook for a lost or regained Redis failed")
                return
            if inspect.iscoroutine(result):
                task = asyncio.create_task(_finish(result))
                self._hooked.add(task)
                task.add_done_callback(self._hooked.discard)


async def _finish(hook: Coroutine[object, object, object]) -> None:
    try:
        await hook
    except Exception:  # noqa: BLE001 - a hook is somebody else's code
        _log.exception("The hook for a lost or regained Redis failed")
