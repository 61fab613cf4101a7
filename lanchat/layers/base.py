"""The contract of every channel layer, and the rules for names and messages that all of them share."""

import abc
import fnmatch
import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Self

from lanchat.errors import InvalidMessage

type_error_text = (
    "{} name must be a valid unicode string with length < 100 containing only ASCII alphanumerics, hyphens, "
    "underscores, or periods."
)

Message = dict[str, Any]
"""What travels: a dict with string keys and values that JSON or MessagePack can carry. Read-only once it was sent."""

Receiver = Callable[[Message], None]
"""Where a layer puts a message of an attached channel: a plain call on the event loop that neither waits nor raises."""

_CHANNEL = re.compile(r"[a-zA-Z0-9\-_.]+(![a-zA-Z0-9\-_.]*)?")
_GROUP = re.compile(r"[a-zA-Z0-9\-_.]+")
_SCALARS = (bytes, bool, float, type(None))
_RESERVED = "__asgi_channel__"
_INTEGERS = range(-(2**63), 2**64)


class BaseChannelLayer(abc.ABC):
    """Sends messages to channels and to groups of channels.

    Specification: the channel layer spec of Django Channels. All methods that take a name raise TypeError when it is
    not valid, and all that take a message raise InvalidMessage when some layer could not carry it, so that code which
    runs on the in-memory layer runs on every other.

    Args:
        expiry: seconds after which a message that nobody received is dropped.
        group_expiry: seconds after which a membership that was not refreshed ends.
        capacity: messages that wait in one channel at most.
        channel_capacity: other capacities, by glob or compiled pattern of the channel's name; the first match counts.
    """

    MAX_NAME_LENGTH: ClassVar[int] = 100
    channel_name_regex: ClassVar[re.Pattern[str]] = _CHANNEL
    group_name_regex: ClassVar[re.Pattern[str]] = _GROUP
    invalid_name_error: ClassVar[str] = type_error_text
    extensions: ClassVar[tuple[str, ...]] = ("groups", "flush")

    def __init__(
        self,
        *,
        expiry: float = 60,
        group_expiry: float = 86_400,
        capacity: int = 100,
        channel_capacity: Mapping[str | re.Pattern[str], int] | None = None,
    ) -> None:
        self.expiry = expiry
        self.group_expiry = group_expiry
        self.capacity = capacity
        self.channel_capacity = [(_pattern(name), size) for name, size in (channel_capacity or {}).items()]

    @abc.abstractmethod
    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`. Raises ChannelFull when it holds its capacity already."""

    @abc.abstractmethod
    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`. Each message goes to one reader; cancelling loses none."""

    @abc.abstractmethod
    async def new_channel(self, prefix: str = "specific") -> str:
        """Give a name that no other channel has, for one receiver in this process."""

    @abc.abstractmethod
    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership."""

    @abc.abstractmethod
    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""

    @abc.abstractmethod
    async def group_send(self, group: str, message: Message) -> None:
        """Send to every member. A member without room misses it, which is counted; nobody else is affected."""

    @abc.abstractmethod
    def attach(self, channel: str, receiver: Receiver) -> None:
        """Push: from now on hand the messages of `channel` to `receiver` instead of keeping them for `receive`."""

    @abc.abstractmethod
    def detach(self, channel: str) -> None:
        """End what `attach` began, and all memberships of the channel."""

    @abc.abstractmethod
    async def flush(self) -> None:
        """Drop every message and every membership; the layer stays usable."""

    async def close(self) -> None:
        """Give back what the layer holds; waiting receivers are cancelled."""
        await self.flush()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def get_capacity(self, channel: str) -> int:
        """Give how many messages may wait in `channel`."""
        return next((size for pattern, size in self.channel_capacity if pattern.match(channel)), self.capacity)

    def require_valid_channel_name(self, name: object) -> str:
        """Give `name` back. Raises TypeError when it cannot name a channel."""
        if isinstance(name, str) and len(name) < self.MAX_NAME_LENGTH and _CHANNEL.fullmatch(name):
            return name
        raise TypeError(self.invalid_name_error.format("Channel"))

    def require_valid_group_name(self, name: object) -> str:
        """Give `name` back. Raises TypeError when it cannot name a group."""
        if isinstance(name, str) and len(name) < self.MAX_NAME_LENGTH and _GROUP.fullmatch(name):
            return name
        raise TypeError(self.invalid_name_error.format("Group"))

    def require_valid_message(self, message: object) -> Message:
        """Give `message` back. Raises InvalidMessage when it is no dict or holds what not every layer can carry."""
        if not isinstance(message, dict):
            raise InvalidMessage(f"A message is a dict, not {type(message).__name__}.")
        if _RESERVED in message:
            raise InvalidMessage(f"The key {_RESERVED!r} is reserved.")
        try:
            _check_value(message, "message")
        except RecursionError:
            raise InvalidMessage("A message is not as deep as this one.") from None
        return message


def _pattern(name: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(name)) if isinstance(name, str) else name


def _check_value(value: object, where: str) -> None:
    if isinstance(value, _SCALARS):
        return
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int):
        if value not in _INTEGERS:
            raise InvalidMessage(f"{where} is an integer of more than 64 bits.")
    elif isinstance(value, list | tuple):
        for item in value:
            _check_value(item, f"an item of {where}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidMessage(f"A key of {where} is {type(key).__name__}; keys are strings.")
            _check_text(key, f"a key of {where}")
            _check_value(item, f"{where}[{key!r}]")
    else:
        raise InvalidMessage(f"{where} is {type(value).__name__}, which not every channel layer can carry.")


def _check_text(text: str, where: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidMessage(f"{where} has half a surrogate pair, which no encoding can carry.") from None
