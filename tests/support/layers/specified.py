"""Layers that have what the specification of Django Channels asks for, and nothing else."""

import asyncio
from collections import defaultdict
from typing import Any

from lanchat.layers import BaseChannelLayer


class Full(Exception):
    """Raised by a layer of somebody else; its name is what counts."""


Full.__name__ = "ChannelFull"


class _Queues:
    def __init__(self) -> None:
        self.queues: defaultdict[str, asyncio.Queue[dict[str, Any]]] = defaultdict(lambda: asyncio.Queue(maxsize=3))
        self.groups: defaultdict[str, set[str]] = defaultdict(set)
        self.made = 0
        self.failing = 0
        self.ended = ""

    def put(self, channel: str, message: dict[str, Any]) -> None:
        try:
            self.queues[channel].put_nowait(dict(message))
        except asyncio.QueueFull:
            raise Full(channel) from None

    def put_all(self, group: str, message: dict[str, Any]) -> None:
        for channel in self.groups[group]:
            self.put(channel, message)

    async def get(self, channel: str) -> dict[str, Any]:
        if self.failing:
            self.failing -= 1
            raise ConnectionError("The server is away.")
        return await self.queues[channel].get()

    def name(self) -> str:
        self.made += 1
        return f"specific.other!{self.made}"


class Foreign:
    """Of somebody else: no class of ours, and no argument that the specification does not have."""

    extensions = ("groups", "flush")

    def __init__(self) -> None:
        self.inside = _Queues()

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.inside.put(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.inside.get(channel)

    async def new_channel(self) -> str:
        return self.inside.name()

    async def group_add(self, group: str, channel: str) -> None:
        self.inside.groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.inside.groups[group].discard(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.inside.put_all(group, message)

    async def flush(self) -> None:
        self.inside.queues.clear()

    async def close_pools(self) -> None:
        self.inside.ended = "close_pools"


class Mute:
    """Without groups, and without a way to end or to empty it."""

    def __init__(self) -> None:
        self.inside = _Queues()

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.inside.put(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.inside.get(channel)

    async def new_channel(self, prefix: str = "specific.") -> str:
        return prefix + self.inside.name()


class Derived(BaseChannelLayer):
    """Written for Channels, with its import changed: derived from ours, without what pushes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inside = _Queues()

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        assert self.require_valid_channel_name(channel)
        self.inside.put(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.inside.get(channel)

    async def new_channel(self, prefix: str = "specific.") -> str:
        return self.inside.name()

    async def group_add(self, group: str, channel: str) -> None:
        self.inside.groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.inside.groups[group].discard(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:  # type: ignore[override]
        assert self.require_valid_group_name(group)
        self.inside.put_all(group, message)
