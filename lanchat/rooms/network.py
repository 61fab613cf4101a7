"""What the rooms of a node need of the network, and a network without anybody else."""

from typing import Protocol

from lanchat.journal import RoomRecord
from lanchat.protocol import Invite, Presence, Receipts, RoomInfo, Typing, Verify
from lanchat.rooms.mirror import Upstream
from lanchat.rooms.room import Room


class RoomNetwork(Protocol):
    """What other nodes offer."""

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name with the smallest id, or the room of that id, that another node offers now."""

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""

    def link(self, room: Room) -> Upstream:
        """Begin a link to the home of a mirror."""


class Alone:
    """No other node."""

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return None: nobody offers a room."""
        del name, room
        return None

    def found(self) -> list[RoomInfo]:
        """Return nothing."""
        return []

    def link(self, room: Room) -> "Unlinked":
        """Return a way to the home that leads nowhere."""
        del room
        return Unlinked()


class Unlinked:
    """A mirror's way home while there is no network: what is said waits in the outbox."""

    online = False
    fetching = 0
    refused = ""
    full = False

    def flush(self) -> None:
        """Do nothing: it goes on waiting."""

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify) -> None:
        """Drop the frame."""

    async def close(self) -> None:
        """Do nothing."""


ALONE = Alone()
"""The network of a node that is by itself."""
