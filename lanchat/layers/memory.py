"""The default channel layer: everything in this process, delivered by a plain call."""

import asyncio
import logging
import os
import time
from typing import Unpack

from lanchat.layers.base import BaseChannelLayer, LayerOptions
from lanchat.layers.errors import ChannelFull
from lanchat.layers.history import HistoryBounds, HistoryPage, Position, Rings
from lanchat.layers.mailbox import FAILED, Letter, Mailbox, Receiver
from lanchat.layers.message import Message
from lanchat.layers.owning_loop import OwningLoop
from lanchat.layers.serializers import form_of

_log = logging.getLogger(__name__)
_SWEEP_LEAST, _SWEEP_MOST = 0.01, 60.0


class InMemoryChannelLayer(BaseChannelLayer):
    """Channels and groups within one event loop; other threads send by `send_sync` and `group_send_sync`.

    Another process has a layer of its own, and one that was forked begins with nothing.

    A message is shared by all its receivers, not copied, and what a send costs depends on its receivers only. A channel
    leaves when nothing waits in it, nobody listens and it is in no group; an empty group leaves at once. A membership
    lasts while somebody listens to its channel, and `group_expiry` after that.

    With a `serializer_format` each message is written and read once when it is sent, so that what comes is what would
    come through Redis.

    Args: as for `BaseChannelLayer`. A full channel drops the newest message unless `overflow` asks for another policy.

    Attributes:
        channels: the mailboxes in use, by channel.
        groups: the mailboxes of the members of each group, by channel, in the order of joining.
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.channels: dict[str, Mailbox] = {}
        self.groups: dict[str, dict[str, Mailbox]] = {}
        self._rings = Rings()
        self._home = OwningLoop(self._move, self._forget)
        self._sweeper: asyncio.TimerHandle | None = None
        self._form = form_of(self.serializer_format)

    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`. Raises ChannelFull when that has no room."""
        self._home.enter()
        self.require_valid_channel_name(channel)
        self._size(message, "channel", channel)
        self._send(channel, message if self._form is None else self._taken(message, "channel", channel))

    def send_sync(self, channel: str, message: Message) -> None:
        """The same as `send`, from any thread: it blocks until the event loop of the layer has done it.

        Raises:
            LayerError: no loop of this process uses the layer, or it is busy for 5 seconds.
        """
        self.require_valid_channel_name(channel)
        self._size(message, "channel", channel)
        taken = self._taken(message, "channel", channel)
        self._home.call(lambda: self._send(channel, taken))

    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`. Each message goes to one reader; cancelling loses none.

        Raises ChannelFull when the channel was ended by `Overflow.DISCONNECT`.
        """
        self._home.enter()
        return await self._mailbox(self.require_valid_channel_name(channel)).get()

    async def new_channel(self, prefix: str = "specific") -> str:
        """Return a name that no other channel has, for one receiver in this process."""
        self._home.enter()
        return self.require_valid_channel_name(f"{prefix}.inmemory!{os.urandom(16).hex()}")

    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership."""
        self._home.enter()
        self.require_valid_group_name(group)
        mailbox = self._mailbox(self.require_valid_channel_name(channel))
        mailbox.used = time.monotonic()
        mailbox.groups.add(group)
        self.groups.setdefault(group, {})[channel] = mailbox

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""
        self._home.enter()
        self.require_valid_group_name(group)
        if mailbox := self.channels.get(self.require_valid_channel_name(channel)):
            self._leave(group, mailbox)
            self._tidy(mailbox)

    async def group_members(self, group: str) -> list[str]:
        """Return the channels in `group`, sorted."""
        self._home.enter()
        return sorted(self.groups.get(self.require_valid_group_name(group), ()))

    async def group_send(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """Send to every member but `exclude`. One without room misses it, which is counted; nobody else is affected."""
        self._home.enter()
        self.require_valid_group_name(group)
        size = self._size(message, "group", group)
        self._group_send(group, message if self._form is None else self._taken(message, "group", group), size, exclude)

    def group_send_sync(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """The same as `group_send`, from any thread. Raises LayerError as `send_sync` does."""
        self.require_valid_group_name(group)
        size = self._size(message, "group", group)
        taken = self._taken(message, "group", group)
        self._home.call(lambda: self._group_send(group, taken, size, exclude))

    def attach(self, channel: str, receiver: Receiver) -> None:
        """Push: from now on hand the messages of `channel` to `receiver` instead of keeping them for `receive`."""
        self.require_valid_channel_name(channel)
        self._home.enter()
        self._mailbox(channel).attach(receiver)

    def detach(self, channel: str) -> None:
        """End the channel here: its receiver or readers, what waits for them, and all its memberships."""
        if mailbox := self.channels.get(channel):
            self._drop(mailbox)

    async def flush(self) -> None:
        """Drop every message and every membership; the layer stays usable."""
        self._rings.clear()
        for mailbox in tuple(self.channels.values()):
            self._leave_all(mailbox)
            mailbox.clear()
            self._tidy(mailbox)

    async def close(self) -> None:
        """Release what the layer holds; waiting receivers are cancelled."""
        self._rings.clear()
        for mailbox in tuple(self.channels.values()):
            self._drop(mailbox)
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _taken(self, message: Message, kind: str, name: str) -> Message:
        """Return what the receivers get of a message that is valid."""
        return message if self._form is None else self._form.decode(self._form.encode(message, kind, name))

    def _send(self, channel: str, message: Message) -> None:
        mailbox = self._mailbox(channel)
        if not mailbox.put(Letter(message, time.monotonic() + self.expiry)):
            raise ChannelFull(f"The channel {channel} holds {mailbox.capacity} messages already.")
        self.counters.sent += 1
        self.counters.received += 1

    async def _history(self, group: str, kept: HistoryBounds, since: Position | None, limit: int) -> HistoryPage:
        self._home.enter()
        return self._rings.page(group, kept, since, limit)

    def _group_send(self, group: str, message: Message, size: int, exclude: str | None) -> None:
        self.counters.sent += 1
        if self.history and (kept := self.get_history_bounds(group)):
            message = self._rings.append(group, kept, message, size)
            self._sweep_later()
        members = self.groups.get(group)
        if not members:
            return
        letter = Letter(message, time.monotonic() + self.expiry)
        everyone = members.copy()
        if exclude is not None:
            everyone.pop(exclude, None)
        missed = left = 0
        for channel, mailbox in everyone.items():
            if channel not in members:  # the receiver of another member made it leave
                left += 1
            elif mailbox.receiver is not None:
                # What `put` does, written out: this line runs once for each member of each message.
                try:
                    mailbox.receiver(message)
                except Exception:  # noqa: BLE001 - one receiver's fault must not reach the others
                    _log.exception(FAILED, message.get("type"))
            elif not mailbox.put(letter):
                missed += 1
        self.counters.received += len(everyone) - left - missed
        self.counters.miss(missed, len(everyone), group)

    def _mailbox(self, channel: str) -> Mailbox:
        mailbox = self.channels.get(channel)
        if mailbox is None:
            mailbox = self.channels[channel] = self.new_mailbox(channel, self._tidy)
            self._sweep_later()
        return mailbox

    def _tidy(self, mailbox: Mailbox) -> None:
        if mailbox.spent and self.channels.get(mailbox.name) is mailbox:
            del self.channels[mailbox.name]

    def _drop(self, mailbox: Mailbox) -> None:
        self._leave_all(mailbox)
        self.channels.pop(mailbox.name, None)
        mailbox.close()

    def _leave_all(self, mailbox: Mailbox) -> None:
        for group in tuple(mailbox.groups):
            self._leave(group, mailbox)

    def _leave(self, group: str, mailbox: Mailbox) -> None:
        mailbox.groups.discard(group)
        if members := self.groups.get(group):
            members.pop(mailbox.name, None)
            if not members:
                del self.groups[group]

    def _sweep_later(self) -> None:
        if self._sweeper is not None or not (self.channels or self._rings):
            return
        pause = min(max(min(self.expiry, self.group_expiry), _SWEEP_LEAST), _SWEEP_MOST)
        self._sweeper = asyncio.get_running_loop().call_later(pause, self._sweep)

    def _sweep(self) -> None:
        """Free what expired and what nobody uses any more; nothing that a send or a reader does depends on it."""
        self._sweeper = None
        oldest = time.monotonic() - self.group_expiry
        for mailbox in tuple(self.channels.values()):
            mailbox.drop_expired()
            if mailbox.used < oldest and not mailbox.attended:
                self._leave_all(mailbox)
                if mailbox.empty:
                    self._drop(mailbox)
            self._tidy(mailbox)
        self._rings.sweep()
        self._sweep_later()

    def _forget(self) -> None:
        """This process was forked: what is here are receivers of the other one, and write to its connections."""
        self.channels.clear()
        self.groups.clear()
        self._rings.clear()
        self._sweeper = None

    def _move(self) -> None:
        """The loop of before is closed, with everybody who waited in it."""
        self._sweeper = None
        for mailbox in self.channels.values():
            mailbox.abandon()
        self._sweep_later()
