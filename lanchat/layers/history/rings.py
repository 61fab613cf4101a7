"""The histories of the groups of one process."""

import secrets
import time
from collections import OrderedDict, deque
from itertools import islice

from lanchat.layers.history.bounds import FORGOTTEN, HistoryBounds
from lanchat.layers.history.page import PAGE_BYTES, HistoryEntry, HistoryPage, where
from lanchat.layers.history.position import Position
from lanchat.layers.message import Message

MOST_GROUPS = 10_000
"""Groups whose history is kept; of more of them, the one in which nothing was said for longest goes."""


class Rings:
    """Keeps what was sent to groups, each in a ring of its own."""

    def __init__(self) -> None:
        self._rings: OrderedDict[str, _Ring] = OrderedDict()
        self._epoch = _new_epoch()

    def __bool__(self) -> bool:
        return bool(self._rings)

    def append(self, group: str, bounds: HistoryBounds, message: Message, size: int) -> Message:
        """Number a message, keep it, and return it as it is sent: it says where it is.

        Args:
            group: to which it is sent.
            bounds: how much of that is kept.
            message: what is sent.
            size: its bytes.
        """
        ring = self._rings.get(group)
        if ring is None:
            ring = self._rings[group] = _Ring(self._epoch, bounds)
            if len(self._rings) > MOST_GROUPS:
                self._drop(next(iter(self._rings)))
        self._rings.move_to_end(group)
        return ring.append(message, size)

    def page(self, group: str, bounds: HistoryBounds, since: Position | None, limit: int) -> HistoryPage:
        """Return what came behind a position."""
        ring = self._rings.get(group) or _Ring(self._epoch, bounds)
        return ring.page(since, limit)

    def sweep(self) -> None:
        """Drop what is too old, also of groups to which nothing is sent any more."""
        for group, ring in tuple(self._rings.items()):
            ring.trim()
            if ring.forgotten:
                self._drop(group)

    def clear(self) -> None:
        """Forget everything: who had any of it starts over."""
        self._rings.clear()
        self._epoch = _new_epoch()

    def _drop(self, group: str) -> None:
        """Forget one group. What comes next in it is of another epoch: no number means two messages."""
        del self._rings[group]
        self._epoch = _new_epoch()


class _Ring:
    """The history of one group."""

    def __init__(self, epoch: str, bounds: HistoryBounds) -> None:
        self._epoch = epoch
        self._bounds = bounds
        self._top = 0
        self._last = 0.0
        self._size = 0
        self._kept: deque[tuple[HistoryEntry, float, int]] = deque()

    @property
    def forgotten(self) -> bool:
        return self._last < time.monotonic() - self._bounds.seconds - FORGOTTEN

    def append(self, message: Message, size: int) -> Message:
        self._top += 1
        self._last = time.monotonic()
        placed = Position(self._epoch, self._top).put_on(message)
        self._kept.append((HistoryEntry(self._top, time.time(), placed), self._last, size))
        self._size += size
        while len(self._kept) > 1 and (len(self._kept) > self._bounds.entries or self._size > self._bounds.size):
            self._lose()
        self.trim()
        return placed

    def trim(self) -> None:
        oldest = time.monotonic() - self._bounds.seconds
        while self._kept and self._kept[0][1] < oldest:
            self._lose()

    def page(self, since: Position | None, limit: int) -> HistoryPage:
        self.trim()
        oldest = self._kept[0][0].seq if self._kept else self._top + 1
        begin, start_over, missed = where(since, self._epoch, oldest, self._top)
        entries: list[HistoryEntry] = []
        size, first = 0, begin + 1 - oldest
        for entry, _, of_entry in islice(self._kept, first, first + limit):
            size += of_entry
            if entries and size > PAGE_BYTES:
                break
            entries.append(entry)
        return HistoryPage(entries, self._epoch, self._top, start_over, missed)

    def _lose(self) -> None:
        self._size -= self._kept.popleft()[2]


def _new_epoch() -> str:
    return secrets.token_hex(8)
