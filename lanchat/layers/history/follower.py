"""Reads a group with a history so that each message comes once and in order, and what is missing is asked for."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lanchat.layers.history.page import MOST_ENTRIES, HistoryPage
from lanchat.layers.history.position import Position
from lanchat.layers.message import Message


class Layer(Protocol):
    """What a follower needs of a layer."""

    async def group_add(self, group: str, channel: str) -> None:
        """As `BaseChannelLayer.group_add`."""

    async def group_history(self, group: str, since: Position | None, limit: int) -> HistoryPage:
        """As `BaseChannelLayer.group_history`."""


class GroupRun(NamedTuple):
    """What is to be handled next.

    Attributes:
        messages: in their order; empty when a message was seen before.
        start_over: what was handled before has no place in this history any more, or some behind it is gone.
        missed: how many are gone; None when nobody can know.
    """

    messages: Sequence[Message]
    start_over: bool = False
    missed: int | None = 0


class GroupFollower:
    """How far one reader of a group is.

    A reader begins with `start`, hands each message of the group that comes to `take`, and handles what these return.
    When a layer was without its server for a while, `resume` gives what came meanwhile.

    Args:
        layer: any layer that keeps a history of the group.
        group: which one.

    Attributes:
        position: behind which the next message is expected; None before the first one. Keep its text, and give it to
            `start` later: then nothing is missed as far as the history reaches.
    """

    def __init__(self, layer: Layer, group: str) -> None:
        self.position: Position | None = None
        self._layer = layer
        self._group = group
        self._one = asyncio.Lock()

    async def start(self, channel: str, since: Position | None = None) -> GroupRun:
        """Make a channel a member of the group, and return what is there behind a position.

        Args:
            channel: which receives the group's messages from now on.
            since: how far the reader is; None for all that is kept.

        Raises:
            LayerError: the group keeps no history, or the layer's server cannot be reached now.
        """
        async with self._one:
            self.position = since
            await self._layer.group_add(self._group, channel)
            return await self._fetch()

    async def take(self, message: Message) -> GroupRun:
        """Return what is to be handled now that a message came: it, nothing, or also what is missing before it.

        Raises LayerError when what is missing cannot be asked for now; the next message, or `resume`, asks again.
        """
        async with self._one:
            came = Position.of(message)
            if came is None:
                return GroupRun([message])
            if self.position is not None and came.epoch == self.position.epoch:
                if came.seq <= self.position.seq:
                    return GroupRun([])
                if came.seq == self.position.seq + 1:
                    self.position = came
                    return GroupRun([message])
            return await self._fetch()

    async def resume(self) -> GroupRun:
        """Return what came while nothing was heard. Raises LayerError as `take`."""
        async with self._one:
            return await self._fetch()

    async def _fetch(self) -> GroupRun:
        messages: list[Message] = []
        start_over = False
        missed: int | None = 0
        while True:
            page = await self._layer.group_history(self._group, self.position, MOST_ENTRIES)
            if page.start_over:
                # What was fetched of the history of before is handled all the same: it was said.
                start_over = True
                missed = None if page.missed is None or missed is None else missed + page.missed
            messages += (entry.message for entry in page.entries)
            self.position = page.position
            if not page.more:
                return GroupRun(messages, start_over, missed)
