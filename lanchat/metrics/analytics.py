"""What happened, in numbers: counted where it happens, carried by the layer `analytics`, added up by a worker."""

import asyncio
import contextlib
import logging
from typing import Protocol

from lanchat.layers import BaseChannelLayer, LayerError
from lanchat.metrics.registry import CounterRegistry

_log = logging.getLogger(__name__)

CHANNEL = "analytics"
"""The layer's channel that workers read. Of several nodes on one server, any may take a message."""
PAUSE = 1.0
"""Seconds that numbers are collected before they are handed over."""
MANY = 100
"""Counts that are handed over without waiting for the end of the pause."""


class Count(Protocol):
    """Counts what happened; any call is cheap and raises nothing."""

    def __call__(self, name: str, value: int = 1, *, label: str = "") -> None:
        """Add `value` to the number `name` of `chat.counters`, or to its part `label`."""


def uncounted(name: str, value: int = 1, *, label: str = "") -> None:
    """Count nothing: for parts that are used outside a node."""


class Analytics:
    """Counts what happens in a node, and adds up what any node counted.

    Args:
        layer: carries the numbers; one that is full or cannot be reached delays them.

    Attributes:
        tally: what this node's worker has added up.
    """

    def __init__(self, layer: BaseChannelLayer) -> None:
        self.tally = CounterRegistry()
        self._layer = layer
        self._counts: dict[str, int] = {}
        self._calls = 0
        self._some = asyncio.Event()
        self._many = asyncio.Event()

    def count(self, name: str, value: int = 1, *, label: str = "") -> None:
        """Count something that happened. Call it on the event loop."""
        key = f"{name}:{label}" if label else name
        self._counts[key] = self._counts.get(key, 0) + value
        self._calls += 1
        if self._calls == 1:
            self._some.set()
        if self._calls == MANY:
            self._many.set()

    async def deliver(self) -> None:
        """Hand over what was counted, at most every PAUSE seconds or MANY counts, until it is cancelled."""
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._many.wait()
            await self._hand_over()

    async def work(self) -> None:
        """Add up what arrives on the layer, until it is cancelled."""
        while True:
            try:
                message = await self._layer.receive(CHANNEL)
            except LayerError as error:
                _log.info("Numbers cannot be read from the layer now: %s", error)
                await asyncio.sleep(PAUSE)
                continue
            counts = message.get("counts")
            if isinstance(counts, dict):
                self.tally.add(counts)

    async def _hand_over(self) -> None:
        counts, self._counts, self._calls = self._counts, {}, 0
        self._some.clear()
        self._many.clear()
        try:
            await self._layer.send(CHANNEL, {"type": "analytics.counts", "counts": counts})
        except LayerError as error:
            _log.info("Numbers wait, because the layer does not take them: %s", error)
            for key, value in counts.items():
                self.count(key, value)
