"""A layer of somebody else, written to the specification of Django Channels, as one of ours."""

import contextlib
from collections.abc import Iterator
from typing import Any

from lanchat.layers.base import BaseChannelLayer
from lanchat.layers.errors import ChannelFull, LayerError
from lanchat.layers.message import EXCLUDED, Message
from lanchat.layers.pulling import takes

_NEEDED = ("send", "receive", "new_channel")
_GROUPS = ("group_add", "group_discard", "group_send")


class ForeignChannelLayer(BaseChannelLayer):
    """Does with a foreign layer what consumers here need: it is asked for messages, and they are handed on.

    What it refuses because a channel is full is our ChannelFull; everything else that it raises is its own.

    Args:
        layer: has the coroutines `send`, `receive` and `new_channel`, and with the extension of groups `group_add`,
            `group_discard` and `group_send`.

    Raises:
        LayerError: it does not.

    Attributes:
        layer: the foreign one.
    """

    def __init__(self, layer: Any) -> None:  # noqa: ANN401 - it comes from anywhere, and has no class of ours
        missing = [name for name in _NEEDED if not callable(getattr(layer, name, None))]
        if missing:
            raise LayerError(f"{type(layer).__name__} is no channel layer: it has no {', '.join(missing)}.")
        super().__init__(expiry=getattr(layer, "expiry", 60), capacity=getattr(layer, "capacity", 100))
        self.layer = layer
        self._prefixed = takes(layer.new_channel, "prefix")

    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`. Raises ChannelFull when that has no room."""
        with _translated(channel):
            await self.layer.send(channel, self.require_valid_message(message, "channel", channel))
        self.counters.sent += 1

    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`."""
        message: Message = await self.layer.receive(channel)
        self.counters.received += 1
        return message

    async def new_channel(self, prefix: str = "specific") -> str:
        """Return a name that no other channel has."""
        name: str = await (self.layer.new_channel(prefix) if self._prefixed else self.layer.new_channel())
        return name

    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`. Raises LayerError when the layer has no groups."""
        await self._grouping("group_add")(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""
        await self._grouping("group_discard")(group, channel)

    async def group_send(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """Send to every member but `exclude`: that is left out by this process, and by others that use our layers."""
        sent = self.require_valid_message(message, "group", group)
        await self._grouping("group_send")(group, sent if exclude is None else {**sent, EXCLUDED: exclude})
        self.counters.sent += 1

    async def flush(self) -> None:
        """Drop every message and every membership. Raises LayerError when the layer cannot do that."""
        if not callable(getattr(self.layer, "flush", None)):
            raise LayerError(f"{type(self.layer).__name__} cannot be flushed.")
        await self.layer.flush()

    async def close(self) -> None:
        """End what hands messages on, and the layer where it can be ended."""
        await self.puller.close()
        for name in ("close_pools", "close"):
            if callable(end := getattr(self.layer, name, None)):
                await end()
                return

    def _grouping(self, name: str) -> Any:  # noqa: ANN401 - as above
        if not all(callable(getattr(self.layer, each, None)) for each in _GROUPS):
            raise LayerError(f"{type(self.layer).__name__} has no groups.")
        return getattr(self.layer, name)


@contextlib.contextmanager
def _translated(channel: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if any(each.__name__ == "ChannelFull" for each in type(error).__mro__):
            raise ChannelFull(f"The channel {channel} is full.") from error
        raise
