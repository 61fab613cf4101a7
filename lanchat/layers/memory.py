"""The default channel layer: everything in this process, delivered by a plain call."""

import asyncio
import contextlib
import logging
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping

from lanchat.errors import ChannelFull
from lanchat.layers.base import BaseChannelLayer, Message, Receiver

_log = logging.getLogger(__name__)
_FAILED = "A receiver failed on a message of type %r"


class InMemoryChannelLayer(BaseChannelLayer):
    """Channels and groups within one event loop.

    A message is shared by all its receivers, not copied. What a send costs depends on its receivers only. Expired
    messages go by a timer of their own channel, empty groups and channels leave at once.

    Attributes:
        channels: the mailboxes in use, by channel.
        groups: the members of each group, in the order of joining, with the time of joining.
        dropped: messages that a full member of a group missed.
    """

    def __init__(
        self,
        *,
        expiry: float = 60,
        group_expiry: float = 86_400,
        capacity: int = 100,
        channel_capacity: Mapping[str | re.Pattern[str], int] | None = None,
    ) -> None:
        super().__init__(expiry=expiry, group_expiry=group_expiry, capacity=capacity, channel_capacity=channel_capacity)
        self.channels: dict[str, Mailbox] = {}
        self.groups: dict[str, dict[str, float]] = {}
        self.dropped = 0
        self._receivers: dict[str, Receiver] = {}
        self._memberships: dict[str, set[str]] = {}

    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`. Raises ChannelFull when it holds its capacity already."""
        self.require_valid_channel_name(channel)
        if not self._deliver(channel, self.require_valid_message(message)):
            raise ChannelFull(f"The channel {channel} holds {self.get_capacity(channel)} messages already.")

    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`. Each message goes to one reader; cancelling loses none."""
        self.require_valid_channel_name(channel)
        return await self._mailbox(channel).get()

    async def new_channel(self, prefix: str = "specific") -> str:
        """Give a name that no other channel has, for one receiver in this process."""
        return self.require_valid_channel_name(f"{prefix}.inmemory!{uuid.uuid4().hex}")

    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self.groups.setdefault(group, {})[channel] = time.monotonic()
        self._memberships.setdefault(channel, set()).add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self._leave(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        """Send to every member. A member without room misses it, which is counted; nobody else is affected."""
        self.require_valid_group_name(group)
        self.require_valid_message(message)
        members = self.groups.get(group)
        if not members:
            return
        oldest = time.monotonic() - self.group_expiry
        missed = 0
        receivers = self._receivers
        for channel in tuple(members):
            if channel not in members:
                continue  # the receiver of another member made it leave
            if channel in receivers:
                # Written out and not a call of `_call`: this line runs once for each member of each message.
                try:
                    receivers[channel](message)
                except Exception:  # noqa: BLE001 - one receiver's fault must not reach the others
                    _log.exception(_FAILED, message.get("type"))
            elif members[channel] < oldest:
                self._leave(group, channel)
            elif not self._deliver(channel, message):
                missed += 1
        if missed:
            self.dropped += missed
            _log.info("%s of %s channels over capacity in group %s", missed, len(members), group)

    def attach(self, channel: str, receiver: Receiver) -> None:
        """Push: from now on hand the messages of `channel` to `receiver` instead of keeping them for `receive`."""
        self.require_valid_channel_name(channel)
        self._receivers[channel] = receiver
        if mailbox := self.channels.pop(channel, None):
            for message in mailbox.close():
                _call(receiver, message)

    def detach(self, channel: str) -> None:
        """End what `attach` began, and all memberships of the channel."""
        self._receivers.pop(channel, None)
        for group in tuple(self._memberships.get(channel, ())):
            self._leave(group, channel)

    async def flush(self) -> None:
        """Drop every message and every membership; the layer stays usable."""
        for mailbox in tuple(self.channels.values()):
            mailbox.clear()
        self.groups.clear()
        self._memberships.clear()

    async def close(self) -> None:
        """Give back what the layer holds; waiting receivers are cancelled."""
        await self.flush()
        for mailbox in tuple(self.channels.values()):
            mailbox.close()
        self.channels.clear()
        self._receivers.clear()

    def _deliver(self, channel: str, message: Message) -> bool:
        receiver = self._receivers.get(channel)
        if receiver is not None:
            _call(receiver, message)
            return True
        return self._mailbox(channel).put(message)

    def _mailbox(self, channel: str) -> "Mailbox":
        mailbox = self.channels.get(channel)
        if mailbox is None:
            mailbox = self.channels[channel] = Mailbox(
                self.get_capacity(channel), self.expiry, lambda unused: self._remove(channel, unused)
            )
        return mailbox

    def _remove(self, channel: str, mailbox: "Mailbox") -> None:
        if self.channels.get(channel) is mailbox:
            del self.channels[channel]

    def _leave(self, group: str, channel: str) -> None:
        if members := self.groups.get(group):
            members.pop(channel, None)
            if not members:
                del self.groups[group]
        if joined := self._memberships.get(channel):
            joined.discard(group)
            if not joined:
                del self._memberships[channel]


class Mailbox:
    """The bounded queue of one channel. Any number of readers; it announces when nothing holds it any more.

    Args:
        capacity: messages that wait at most.
        expiry: seconds that a message waits at most.
        on_unused: called with the mailbox when no message and no reader is left.

    Attributes:
        messages: what waits, oldest first, each with the time when it expires (monotonic seconds).
    """

    def __init__(self, capacity: int, expiry: float, on_unused: Callable[["Mailbox"], object]) -> None:
        self.messages: deque[tuple[float, Message]] = deque()
        self._capacity = capacity
        self._expiry = expiry
        self._on_unused = on_unused
        self._readers = 0
        self._asleep: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def put(self, message: Message) -> bool:
        """Keep `message` and wake the reader that waits longest; False when there is no room."""
        if len(self.messages) >= self._capacity:
            return False
        self.messages.append((time.monotonic() + self._expiry, message))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._expiry, self._expire)
        self._wake_one()
        return True

    async def get(self) -> Message:
        """Wait for the next message."""
        self._readers += 1
        try:
            while not self.messages:
                await self._sleep()
            return self.messages.popleft()[1]
        finally:
            self._readers -= 1
            self._release()

    def clear(self) -> None:
        """Drop every message; readers go on waiting."""
        self.messages.clear()
        self._release()

    def close(self) -> list[Message]:
        """Cancel the readers and give the messages that nobody read."""
        self._closed = True
        for reader in self._asleep:
            reader.cancel()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        left = [message for _, message in self.messages]
        self.messages.clear()
        return left

    async def _sleep(self) -> None:
        """Wait until there may be a message. A woken reader holds none yet, so a cancelled one takes none away."""
        if self._closed:
            raise asyncio.CancelledError
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asleep.append(reader)
        try:
            await reader
        except asyncio.CancelledError:
            if self.messages and not reader.cancelled():
                self._wake_one()
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._asleep.remove(reader)

    def _wake_one(self) -> None:
        while self._asleep:
            reader = self._asleep.popleft()
            if not reader.done():
                reader.set_result(None)
                return

    def _expire(self) -> None:
        self._timer = None
        now = time.monotonic()
        while self.messages and self.messages[0][0] <= now:
            self.messages.popleft()
        if self.messages:
            self._timer = asyncio.get_running_loop().call_later(self.messages[0][0] - now, self._expire)
        self._release()

    def _release(self) -> None:
        if not self.messages and not self._readers:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._on_unused(self)


def _call(receiver: Receiver, message: Message) -> None:
    try:
        receiver(message)
    except Exception:  # noqa: BLE001 - one receiver's fault must not reach the others
        _log.exception(_FAILED, message.get("type"))
