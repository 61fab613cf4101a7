"""The contract of every channel layer, and the rules that all of them share."""

import abc
import fnmatch
import functools
import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import ClassVar, Self, TypedDict

from lanchat.layers import errors
from lanchat.layers.history import MOST_ENTRIES, NOWHERE, HistoryBounds, HistoryPage, Position
from lanchat.layers.mailbox import Mailbox, Receiver
from lanchat.layers.message import MOST_BYTES, Message, framed, size_of
from lanchat.layers.overflow import Overflow
from lanchat.layers.pulling import Puller, note_memberships
from lanchat.layers.serializers import own_form_of
from lanchat.layers.statistics import Counters, Statistics

type_error_text = (
    "{} name must be a valid unicode string with length < 100 containing only ASCII alphanumerics, hyphens, "
    "underscores, or periods."
)

_CHANNEL = re.compile(r"[a-zA-Z0-9\-_.]+(![a-zA-Z0-9\-_.]*)?")
_GROUP = re.compile(r"[a-zA-Z0-9\-_.]+")


class LayerOptions(TypedDict, total=False):
    """The settings that every layer has, by the names of the arguments of `BaseChannelLayer`."""

    expiry: float
    group_expiry: float
    capacity: int
    channel_capacity: Mapping[str | re.Pattern[str], int] | None
    overflow: Overflow | str | None
    channel_overflow: Mapping[str | re.Pattern[str], Overflow | str] | None
    max_message_size: int
    history: Mapping[str | re.Pattern[str], HistoryBounds | Mapping[str, float]] | None
    serializer_format: str | None


class BaseChannelLayer:
    """Sends messages to channels and to groups of channels.

    Specification: the channel layer spec of Django Channels. All methods that take a name raise TypeError when it is
    not valid. All that take a message raise InvalidMessage when some layer could not carry it, and MessageTooLarge when
    it is larger than `max_message_size`, so that code which runs on the in-memory layer runs on every other. What a
    server is needed for raises LayerUnreachable while there is none.

    A bare one can be made, and knows which names are valid.
    A class that has what that specification asks for, `send`, `receive`, `new_channel` and those of groups, is a layer:
    its messages are asked for by a task for each channel, and what it lets join groups leaves them with `detach`. Ours
    push instead, which costs a part of that.

    Args:
        expiry: seconds after which a message that nobody received is dropped.
        group_expiry: seconds after which a membership that was not refreshed ends.
        capacity: messages that wait in one channel at most.
        channel_capacity: other capacities, by glob or compiled pattern of the channel's name; the first match counts.
        overflow: what a full channel does with one more message, in this process; None for what is usual.
        channel_overflow: other policies, by glob or compiled pattern; the first match counts.
        max_message_size: bytes that a message has at most, as MessagePack.
        history: how much is kept of what is sent to groups, by glob or compiled pattern of the group's name; the first
            match counts, and of other groups nothing is kept.
        serializer_format: how messages are written, by name: "msgpack", "json", or what `register_serializer` has made
            known, which then says what a message may hold; None for what is usual. The layer in memory writes none
            unless it is told to.
    """

    MAX_NAME_LENGTH: ClassVar[int] = 100
    usual_overflow: ClassVar[Overflow] = Overflow.DROP_NEWEST
    usual_format: ClassVar[str] = ""
    ChannelFull: ClassVar[type[errors.ChannelFull]] = errors.ChannelFull
    MessageTooLarge: ClassVar[type[errors.MessageTooLarge]] = errors.MessageTooLarge
    channel_name_regex: ClassVar[re.Pattern[str]] = _CHANNEL
    group_name_regex: ClassVar[re.Pattern[str]] = _GROUP
    invalid_name_error: ClassVar[str] = type_error_text
    extensions: ClassVar[tuple[str, ...]] = ("groups", "flush", "history")

    def __init__(
        self,
        *,
        expiry: float = 60,
        group_expiry: float = 86_400,
        capacity: int = 100,
        channel_capacity: Mapping[str | re.Pattern[str], int] | None = None,
        overflow: Overflow | str | None = None,
        channel_overflow: Mapping[str | re.Pattern[str], Overflow | str] | None = None,
        max_message_size: int = MOST_BYTES,
        history: Mapping[str | re.Pattern[str], HistoryBounds | Mapping[str, float]] | None = None,
        serializer_format: str | None = None,
    ) -> None:
        self.expiry = expiry
        self.group_expiry = group_expiry
        self.capacity = capacity
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self.overflow = self.usual_overflow if overflow is None else Overflow(overflow)
        self.channel_overflow = [(_pattern(name), Overflow(how)) for name, how in (channel_overflow or {}).items()]
        self.max_message_size = max_message_size
        self.history = [(_pattern(name), HistoryBounds.read(kept)) for name, kept in (history or {}).items()]
        self.serializer_format = serializer_format or self.usual_format
        self._own_form = own_form_of(self.serializer_format)
        self.counters = Counters()

    def __init_subclass__(cls, **given: object) -> None:
        super().__init_subclass__(**given)
        if cls.attach is BaseChannelLayer.attach:
            note_memberships(cls)

    @abc.abstractmethod
    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`. Raises ChannelFull when that is known to have no room."""

    def send_sync(self, channel: str, message: Message) -> None:
        """The same as `send`, for threads and programs without an event loop: it blocks until it is done.

        Raises LayerError where a loop runs, unless a layer can do without.
        """
        self.puller.call(lambda: self.send(channel, message))

    @abc.abstractmethod
    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`. Each message goes to one reader; cancelling loses none.

        Raises ChannelFull when the channel was ended by `Overflow.DISCONNECT`.
        """

    @abc.abstractmethod
    async def new_channel(self, prefix: str = "specific") -> str:
        """Return a name that no other channel has, for one receiver in this process."""

    @abc.abstractmethod
    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership."""

    @abc.abstractmethod
    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""

    async def group_members(self, group: str) -> list[str]:
        """Return the channels in `group`, sorted. Raises LayerError when a layer does not know them."""
        self.require_valid_group_name(group)
        raise errors.LayerError(f"{type(self).__name__} does not say who is in a group.")

    @abc.abstractmethod
    async def group_send(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """Send to every member but `exclude`. One without room misses it, which is counted; nobody else is affected."""

    def group_send_sync(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """The same as `group_send`, for threads and programs without an event loop. Raises as `send_sync`."""
        left_out = {} if exclude is None else {"exclude": exclude}
        self.puller.call(lambda: self.group_send(group, message, **left_out))

    async def group_history(self, group: str, since: Position | None = None, limit: int = MOST_ENTRIES) -> HistoryPage:
        """Return what was sent to `group` behind a position, as far as it goes into one page.

        Each message of a group with a history says where it is (`Position.of`). `GroupFollower` does all of this for a
        reader.

        Args:
            group: which one.
            since: how far the reader is; None for all that is kept.
            limit: most messages, up to 1,000.

        Raises:
            LayerError: no history of the group is kept.
            ValueError: the limit is not from 1 to 1,000.
        """
        self.require_valid_group_name(group)
        bounds = self.get_history_bounds(group)
        if bounds is None:
            raise errors.LayerError(
                f"No history of the group {group} is kept; the layer's option history says of which."
            )
        if not 1 <= limit <= MOST_ENTRIES:
            raise ValueError(f"A page has 1 to {MOST_ENTRIES} messages, not {limit}.")
        if since is not None and since.seq < 0:
            since = NOWHERE
        return await self._history(group, bounds, since, limit)

    async def _history(  # what a class with a history does otherwise
        self,
        group: str,  # noqa: ARG002
        bounds: HistoryBounds,  # noqa: ARG002
        since: Position | None,  # noqa: ARG002
        limit: int,  # noqa: ARG002
    ) -> HistoryPage:
        raise errors.LayerError(f"{type(self).__name__} keeps no histories.")

    def attach(self, channel: str, receiver: Receiver) -> None:
        """Push: from now on hand the messages of `channel` to `receiver` instead of keeping them for `receive`."""
        self.puller.attach(channel, receiver)

    def detach(self, channel: str) -> None:
        """End the channel here: its receiver or readers, what waits for them, and all its memberships."""
        self.puller.detach(channel)

    async def flush(self) -> None:
        """Drop every message and every membership; the layer stays usable. Raises LayerError when it cannot."""
        raise errors.LayerError(f"{type(self).__name__} cannot be flushed.")

    async def close(self) -> None:
        """Release what the layer holds; waiting receivers are cancelled."""
        await self.puller.close()

    async def close_pools(self) -> None:
        """The same as `close`, by the name that it has in channels_redis."""
        await self.close()

    @functools.cached_property
    def puller(self) -> Puller:
        """What hands messages on for a layer that can only be asked for them."""
        return Puller(self.receive, self.group_discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def get_capacity(self, channel: str) -> int:
        """Return how many messages may wait in `channel`."""
        return next((size for pattern, size in self.channel_capacity if pattern.match(channel)), self.capacity)

    def get_overflow(self, channel: str) -> Overflow:
        """Return what `channel` does when it is full."""
        return next((how for pattern, how in self.channel_overflow if pattern.match(channel)), self.overflow)

    def get_history_bounds(self, group: str) -> HistoryBounds | None:
        """Return how much is kept of what is sent to `group`; None for nothing."""
        return next((kept for pattern, kept in self.history if pattern.match(group)), None)

    def new_mailbox(self, channel: str, on_change: Callable[[Mailbox], None]) -> Mailbox:
        """Make a mailbox with the capacity and the policy of `channel`."""
        return Mailbox(
            channel,
            capacity=self.get_capacity(channel),
            overflow=self.get_overflow(channel),
            counters=self.counters,
            on_change=on_change,
        )

    def statistics(self) -> Statistics:
        """Return what was counted in this process so far."""
        return self.counters.snapshot()

    def compile_capacities(
        self, channel_capacity: Mapping[str | re.Pattern[str], int]
    ) -> list[tuple[re.Pattern[str], int]]:
        """Return capacities as `get_capacity` looks for them; where they are already, they stay so."""
        return [(_pattern(name), size) for name, size in channel_capacity.items()]

    def non_local_name(self, name: str) -> str:
        """Return the part of a channel's name that its process has in common: up to the exclamation mark, with it."""
        head, mark, _ = name.partition("!")
        return head + mark

    def require_valid_channel_name(self, name: object, receive: bool = False) -> str:
        """Return `name` back. Raises TypeError when it cannot name a channel, or one that is received as it is."""
        if receive and isinstance(name, str) and "!" in name and not name.endswith("!"):
            raise TypeError("Specific channel names in receive() must end at the !")
        if isinstance(name, str) and len(name) < self.MAX_NAME_LENGTH and _CHANNEL.fullmatch(name):
            return name
        raise TypeError(self.invalid_name_error.format("Channel"))

    def require_valid_group_name(self, name: object) -> str:
        """Return `name` back. Raises TypeError when it cannot name a group."""
        if isinstance(name, str) and len(name) < self.MAX_NAME_LENGTH and _GROUP.fullmatch(name):
            return name
        raise TypeError(self.invalid_name_error.format("Group"))

    def require_valid_message(self, message: object, kind: str = "channel", name: str = "") -> Message:
        """Return `message` back; `kind`, "channel" or "group", and `name` say in an error where it was to go.

        Raises:
            InvalidMessage: it is no dict, or holds what not every layer can carry, or what its serializer cannot.
            MessageTooLarge: it is larger than `max_message_size`.
        """
        self._size(message, kind, name)
        return message  # type: ignore[return-value]

    def _size(self, message: object, kind: str, name: str) -> int:
        """Return the bytes of a message. Raises as `require_valid_message`."""
        own = self._own_form
        size = size_of(message) if own is None else len(own.encode(framed(message), kind, name))
        if size > self.max_message_size:
            raise errors.MessageTooLarge(
                f"The message to the {kind} {name} has {size} bytes; {self.max_message_size} is the most."
            )
        return size


def _pattern(name: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(name)) if isinstance(name, str) else name
