"""When somebody here was last in each mirror: what nobody reads any more need not grow for ever."""

import time

import msgspec

from lanchat.errors import LimitReached
from lanchat.journal import Journal
from lanchat.rooms import Room

SETTING = "visits"
"""Where the journal keeps it: a JSON object with the day, counted from 1970, of each room's id."""
_DAY = 86_400


class Visits:
    """Notes, to the day, when somebody was in a mirror. One that is new counts as visited.

    Args:
        journal: keeps it.
        days: so long a mirror may go on to fetch when nobody is in it.
    """

    def __init__(self, journal: Journal, days: int) -> None:
        self._journal = journal
        self._days = days
        self._last: dict[str, int] | None = None

    def check(self, room: Room) -> None:
        """Return if a mirror may fetch, as far as is known yet. Raises LimitReached."""
        last = (self._last or {}).get(room.id, _today())
        if _today() - last > self._days and not room.presence.here():
            raise LimitReached(
                f"Nobody on this machine was in {room.name!r} for {self._days} days, so nothing more of it is fetched "
                "until somebody is. What is here stays. The limit is [limits]: idle_days."
            )

    async def note(self, room: Room) -> None:
        """Note a visit if there is one, and see whether the mirror may fetch. Raises LimitReached, JournalError."""
        if self._last is None:
            self._last = _read((await self._journal.settings()).get(SETTING, ""))
        if self._last.get(room.id) != _today() and (room.id not in self._last or room.presence.here()):
            self._last[room.id] = _today()
            await self._journal.put_setting(SETTING, msgspec.json.encode(self._last).decode())
        self.check(room)

    def forget(self, room: Room) -> None:
        """Note a mirror no more, from the next day that is noted on."""
        if self._last is not None:
            self._last.pop(room.id, None)


def _today() -> int:
    return int(time.time() // _DAY)


def _read(text: str) -> dict[str, int]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, int])
    except msgspec.DecodeError:
        return {}
