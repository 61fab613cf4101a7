"""How long a node keeps what was said: what its settings let go is removed, at the start and every hour."""

import asyncio
import logging
import time

from lanchat.errors import LanchatError
from lanchat.journal import Journal, Retention, RoomRecord

_log = logging.getLogger(__name__)

BETWEEN = 3600.0
"""Seconds between two rounds through the rooms."""
_DAY = 86_400_000
"""A day in milliseconds."""


class RetentionTask:
    """Keeps the rooms of a journal as short as somebody wants them, homes and mirrors alike.

    Args:
        journal: what is kept.
        days: entries older than so many days go; 0: none for its age.
        messages: so many entries of a room stay; 0: all.
        mirror_days: the same as `days` for copies of rooms of other nodes; the shorter one holds.
        here: id of this node.
    """

    def __init__(self, journal: Journal, *, days: int, messages: int, mirror_days: int = 0, here: str = "") -> None:
        self._journal = journal
        self._days = days
        self._messages = messages
        self._mirror_days = mirror_days
        self._here = here

    async def run(self) -> None:
        """Go through the rooms now and every BETWEEN seconds, until it is cancelled; at once when all is to be kept."""
        while self._days or self._messages or self._mirror_days:
            try:
                await self.tidy()
            except LanchatError as error:
                _log.warning("What need not be kept any more stays for an hour longer: %s", error)
            await asyncio.sleep(BETWEEN)

    async def tidy(self) -> int:
        """Go through the rooms once, in small steps between what others write; give how many entries went.

        Raises:
            JournalError: not everything could be removed.
        """
        now = time.time_ns() // 1_000_000
        total = 0
        for room in await self._journal.rooms():
            days = self._days_of(room)
            limits = Retention(count=self._messages or None, since=max(0, now - days * _DAY) if days else None)
            if removed := await self._journal.retain(room.id, limits):
                _log.info("%s entries of room %r were removed: they need not be kept any more", removed, room.name)
                total += removed
        return total

    def _days_of(self, room: RoomRecord) -> int:
        wanted = (self._days, 0 if room.home.id == self._here else self._mirror_days)
        return min(filter(None, wanted), default=0)
