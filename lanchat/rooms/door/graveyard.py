"""The rooms that their owners have deleted for everybody, so that mirrors which come later hear of it."""

import asyncio
import logging
from collections.abc import Callable

from lanchat.errors import NoSuchRoom, RoomDeleted, RoomError
from lanchat.journal import DoorStore, Grave
from lanchat.protocol import Event

_log = logging.getLogger(__name__)


class Graveyard:
    """Remembers which rooms are over, and by whose word.

    Args:
        store: keeps them.

    Attributes:
        on_delete: called with the id of a room that is over now.
    """

    def __init__(self, store: DoorStore) -> None:
        self._store = store
        self._rooms: set[str] = set()
        self.on_delete: Callable[[str], object] = lambda _: None

    async def load(self) -> None:
        """Learn which rooms were deleted before the start. Raises JournalError."""
        self._rooms = await self._store.graves()

    def missing(self, room: str) -> RoomError:
        """Return why a room is not here."""
        return RoomDeleted() if room in self._rooms else NoSuchRoom()

    async def find(self, room: str) -> Grave | None:
        """Return who deleted a room for everybody; None when nobody did. Raises JournalError."""
        return await self._store.grave(room) if room in self._rooms else None

    def bury(self, event: Event) -> None:
        """Remember a room by the event that ended it, and let the room go."""
        self._store.bury(event).add_done_callback(_kept)
        self._rooms.add(event.room)
        self.on_delete(event.room)


def _kept(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.warning("That a room is over is remembered until the next start only: %s", error)
