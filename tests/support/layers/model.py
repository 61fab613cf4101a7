"""What every layer should do, as a model of a few lines, and the same steps done on a real layer.

Three slots hold a channel each; a retired slot gets a new one. Messages are numbered; a reader that is refused because
its channel was ended writes -1.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import strategies as st

from lanchat.layers import BaseChannelLayer, ChannelFull, Message, Overflow
from tests.support.conditions import eventually

SLOTS = "abc"
GROUPS = "gh"
ENDED = -1

_SLOT = st.sampled_from(SLOTS)
_GROUP = st.sampled_from(GROUPS)
STEPS: st.SearchStrategy[list[tuple[Any, ...]]] = st.lists(
    st.tuples(st.sampled_from([*["send"] * 6, *["read"] * 4, "stop", "attach", "retire"]), _SLOT)
    | st.tuples(st.sampled_from(["join", "part"]), _GROUP, _SLOT)
    | st.tuples(st.just("tell"), _GROUP, st.none() | _SLOT),
    min_size=5,
    max_size=60,
)


class Model:
    """Bounded queues, and readers that are served in their order.

    Args:
        capacity: messages that wait in a slot at most.
        overflow: what happens beyond that.
        refuses: whether a sender is told that a slot is full; else the message counts as dropped.
    """

    def __init__(self, capacity: int, overflow: Overflow, *, refuses: bool) -> None:
        self.waiting: dict[str, deque[int]] = {slot: deque() for slot in SLOTS}
        self.readers = dict.fromkeys(SLOTS, 0)
        self.attached: set[str] = set()
        self.ended: set[str] = set()
        self.groups: dict[str, set[str]] = {group: set() for group in GROUPS}
        self.got: dict[str, list[int]] = {slot: [] for slot in SLOTS}
        self.sent = self.received = self.dropped = 0
        self._number = 0
        self._capacity = capacity
        self._overflow = overflow
        self._refuses = refuses

    def send(self, slot: str) -> None:
        self._number += 1
        taken = self._deliver(slot)
        self.sent += taken or not self._refuses
        self.dropped += not taken and not self._refuses

    def tell(self, group: str, exclude: str | None) -> None:
        self._number += 1
        self.sent += 1
        missed = [slot for slot in sorted(self.groups[group] - {exclude}) if not self._deliver(slot)]
        self.dropped += len(missed)

    def read(self, slot: str) -> None:
        if slot in self.attached:
            return
        if slot in self.ended:
            self.got[slot].append(ENDED)
        elif self.waiting[slot]:
            self.got[slot].append(self.waiting[slot].popleft())
        else:
            self.readers[slot] += 1

    def stop(self, slot: str) -> None:
        self.readers[slot] = max(0, self.readers[slot] - 1)

    def attach(self, slot: str) -> None:
        self.attached.add(slot)
        self.ended.discard(slot)
        self.readers[slot] = 0
        self.got[slot].extend(self.waiting[slot])
        self.waiting[slot].clear()

    def retire(self, slot: str) -> None:
        self.attached.discard(slot)
        self.ended.discard(slot)
        self.waiting[slot].clear()
        self.readers[slot] = 0
        for group in self.groups.values():
            group.discard(slot)

    def join(self, group: str, slot: str) -> None:
        self.groups[group].add(slot)

    def part(self, group: str, slot: str) -> None:
        self.groups[group].discard(slot)

    def _deliver(self, slot: str) -> bool:
        if slot in self.attached:
            self.got[slot].append(self._number)
        elif self.readers[slot]:
            self.readers[slot] -= 1
            self.got[slot].append(self._number)
        elif slot in self.ended or not self._has_room(slot):
            return False
        else:
            self.waiting[slot].append(self._number)
        self.received += 1
        return True

    def _has_room(self, slot: str) -> bool:
        waiting = self.waiting[slot]
        if len(waiting) < self._capacity:
            return True
        if self._overflow is Overflow.DROP_OLDEST:
            waiting.popleft()
            self.dropped += 1
        elif self._overflow is Overflow.DISCONNECT:
            self.ended.add(slot)
            self.dropped += len(waiting)
            waiting.clear()
        return len(waiting) < self._capacity and slot not in self.ended


class Actor:
    """The same verbs, done on `layer`."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        self.layer = layer
        self.got: dict[str, list[int]] = {slot: [] for slot in SLOTS}
        self.channels: dict[str, str] = {}
        self._attached: set[str] = set()
        self._readers: dict[str, list[asyncio.Task[None]]] = {slot: [] for slot in SLOTS}
        self._number = 0

    async def begin(self) -> None:
        for slot in SLOTS:
            self.channels[slot] = await self.layer.new_channel()

    async def send(self, slot: str) -> None:
        try:
            await self.layer.send(self.channels[slot], self._next())
        except ChannelFull:
            assert slot not in self._attached

    async def tell(self, group: str, exclude: str | None) -> None:
        left_out = None if exclude is None else self.channels[exclude]
        await self.layer.group_send(group, self._next(), exclude=left_out)

    async def read(self, slot: str) -> None:
        if slot not in self._attached:
            self._readers[slot].append(asyncio.create_task(self._receive(slot)))

    async def stop(self, slot: str) -> None:
        if readers := [task for task in self._readers[slot] if not task.done()]:
            readers[0].cancel()

    async def attach(self, slot: str) -> None:
        self._attached.add(slot)
        numbers = self.got[slot]
        self.layer.attach(self.channels[slot], lambda message: numbers.append(message["n"]))

    async def retire(self, slot: str) -> None:
        self.layer.detach(self.channels[slot])
        self._attached.discard(slot)
        self.channels[slot] = await self.layer.new_channel()

    async def join(self, group: str, slot: str) -> None:
        await self.layer.group_add(group, self.channels[slot])

    async def part(self, group: str, slot: str) -> None:
        await self.layer.group_discard(group, self.channels[slot])

    async def end(self) -> None:
        await self.layer.close()
        tasks = [task for tasks in self._readers.values() for task in tasks]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, slot: str) -> None:
        try:
            self.got[slot].append((await self.layer.receive(self.channels[slot]))["n"])
        except ChannelFull:
            self.got[slot].append(ENDED)

    def _next(self) -> Message:
        self._number += 1
        return {"type": "t", "n": self._number}


async def compare(
    layer: BaseChannelLayer,
    model: Model,
    steps: list[tuple[Any, ...]],
    check: Callable[[], bool | Awaitable[bool]] = lambda: True,
    *,
    patience: float = 5,
) -> None:
    """Do `steps` on both and compare after each what was read, who is in the groups, and what `check` says."""
    actor = Actor(layer)
    await actor.begin()
    for verb, *arguments in steps:
        getattr(model, verb)(*arguments)
        await getattr(actor, verb)(*arguments)
        for _ in range(4):
            await asyncio.sleep(0)
        await eventually(lambda: actor.got == model.got, patience, f"{verb}: {model.got}, not {actor.got}")
        await eventually(check, patience)
        for group in GROUPS:
            members = sorted(actor.channels[slot] for slot in model.groups[group])
            assert await layer.group_members(group) == members
    assert layer.statistics().sent == model.sent
    await actor.end()
