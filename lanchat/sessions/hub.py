"""The clients of this node that listen to one group of the layer.

The layer brings each message of a group to the node once; it is prepared once, and handed to each listener by a plain
call. What a member of a room costs is that call and the write to its socket.
"""

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from lanchat.consumers import text_frame
from lanchat.layers import BaseChannelLayer, Message

_log = logging.getLogger(__name__)
F = TypeVar("F")


class Run:
    """A dense run of events of one room.

    Args:
        first: seq of the first.
        frames: the encoded events, in order.
        signatures: that of each, as far as there is one; none where it was sent before a link came.
        vouchers: who vouches for the author of each; the same.

    Attributes:
        first: seq of the first.
        last: seq of the last.
        frames: the encoded events, in order.
        signatures: that of each, as far as there is one.
        vouchers: who vouches for the author of each.
    """

    def __init__(
        self, first: int, frames: list[bytes], signatures: Sequence[str] = (), vouchers: Sequence[str] = ()
    ) -> None:
        self.first = first
        self.last = first + len(frames) - 1
        self.frames = frames
        self.signatures = signatures
        self.vouchers = vouchers
        self._forms: dict[object, Any] = {}

    @functools.cached_property
    def wire(self) -> bytes:
        """The WebSocket frames of all events, as one piece."""
        return b"".join([text_frame(frame) for frame in self.frames])

    def form(self, render: "Callable[..., F]", *given: object) -> F:
        """Return what `render` makes of this run and of what is given, made once however many members want it."""
        wanted = (render, *given)
        if wanted not in self._forms:
            self._forms[wanted] = render(self, *given)
        made: F = self._forms[wanted]
        return made

    def after(self, seq: int) -> bytes:
        """Return the WebSocket frames of the events above `seq`, as one piece."""
        if seq < self.first:
            return self.wire
        return b"".join([text_frame(frame) for frame in self.frames[seq + 1 - self.first :]])


class Listener(Protocol):
    """What is in a group. An object and no callable, so that a member keeps no bound method."""

    def on_message(self, message: Run | Message) -> None:
        """Take the events of a room, and every other message of the group as it is. It neither waits nor raises."""


class Hub:
    """What the clients of a node listen to.

    Args:
        layer: carries the messages of the groups.
    """

    def __init__(self, layer: BaseChannelLayer) -> None:
        self._layer = layer
        self._ended = 0
        self._groups: dict[str, _Group] = {}

    async def enter(self, group: str, listener: Listener) -> None:
        """Hand every message of `group` to `listener`, from before this returns on. Raises LayerError."""
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = _Group(group, self._layer)
        await found.enter(listener)

    async def leave(self, group: str, listener: Listener) -> None:
        """Hand it nothing more. It need not have entered."""
        found = self._groups.get(group)
        if found is not None and await found.leave(listener):
            self._ended += found.deliveries
            del self._groups[group]

    @property
    def deliveries(self) -> int:
        """How many events were handed to listeners so far: each once for each of them."""
        return self._ended + sum(group.deliveries for group in self._groups.values())

    def listeners(self, group: str) -> int:
        """Return how many listen to a group."""
        found = self._groups.get(group)
        return 0 if found is None else len(found)

    async def close(self) -> None:
        """Leave every group."""
        for group in self._groups.values():
            await group.close()
        self._groups.clear()


class _Group:
    """The listeners of one group, and their common channel."""

    def __init__(self, group: str, layer: BaseChannelLayer) -> None:
        self._group = group
        self._layer = layer
        self._listeners: dict[Listener, None] = {}
        self._channel = ""
        self.deliveries = 0
        self._door = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._listeners)

    async def enter(self, listener: Listener) -> None:
        self._listeners[listener] = None
        if self._channel:
            return
        try:
            async with self._door:
                if not self._channel:
                    await self._open()
        except BaseException:
            self._listeners.pop(listener, None)
            raise

    async def leave(self, listener: Listener) -> bool:
        """Let a listener go; True when it was the last one."""
        self._listeners.pop(listener, None)
        if self._listeners:
            return False
        async with self._door:
            if self._listeners:
                return False
            await self.close()
            return True

    async def close(self) -> None:
        self._listeners.clear()
        channel, self._channel = self._channel, ""
        if channel:
            self._layer.detach(channel)

    async def _open(self) -> None:
        channel = await self._layer.new_channel()
        self._layer.attach(channel, self._take)
        try:
            await self._layer.group_add(self._group, channel)
        except BaseException:
            self._layer.detach(channel)
            raise
        self._channel = channel

    def _take(self, message: Message) -> None:
        handed: Run | Message = message
        if message["type"] == "room.events":
            handed = Run(
                message["first"], message["frames"], message.get("signatures", ()), message.get("vouchers", ())
            )
            self.deliveries += len(message["frames"]) * len(self._listeners)
        for listener in tuple(self._listeners):
            try:
                listener.on_message(handed)
            except Exception:  # noqa: BLE001 - one listener's fault must not reach the others
                _log.exception("A listener of group %s failed", self._group)
