"""What the rooms of a node need of the network, and a network without anybody else."""

from collections.abc import Sequence
from typing import Protocol

from lanchat.errors import Unreachable
from lanchat.journal import RoomRecord
from lanchat.protocol import Invite, Presence, Quorum, Receipts, RoomInfo, Typing, Verify
from lanchat.rooms.roles import Upstream
from lanchat.rooms.room import Room


class RoomNetwork(Protocol):
    """What other nodes offer."""

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name with the smallest id, or the room of that id, that another node offers now."""

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""

    async def ask(self, address: str, room: str) -> RoomRecord:
        """Return the room of that id whose home is at an address, which nobody may list. Raises LanchatError."""

    async def establish(self, record: RoomRecord) -> RoomRecord:
        """Let a room come to be that is new, and return it, or one of its name that is there. Raises LanchatError."""

    def link(self, room: Room) -> Upstream:
        """Begin a link to the home of a mirror."""

    def address(self, host: str, port: int) -> str:
        """Return where a node answers, as an address is written."""

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """Send a frame about a room's voters to a node; it may be lost.

        Args:
            room: the room.
            node: id of the node; the room's home is sent it over the mirror's link.
            addresses: where it was last, as `host:port`.
            frame: what is sent, but for the port of this node.
        """


class Alone:
    """No other node."""

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return None: nobody offers a room."""
        del name, room
        return None

    def found(self) -> list[RoomInfo]:
        """Return nothing."""
        return []

    async def ask(self, address: str, room: str) -> RoomRecord:
        """Fail: nobody is there. Raises Unreachable."""
        del room
        raise Unreachable(f"No Lanchat answers at {address}.")

    async def establish(self, record: RoomRecord) -> RoomRecord:
        """Return the room: its home is this node."""
        return record

    def link(self, room: Room) -> "Unlinked":
        """Return a way to the home that leads nowhere."""
        del room
        return Unlinked()

    def address(self, host: str, port: int) -> str:
        """Return nothing: nobody is there."""
        del host, port
        return ""

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """Drop the frame: nobody is there."""


class Unlinked:
    """A mirror's way home while there is no network: what is said waits in the outbox."""

    online = False
    fetching = 0
    refused = ""
    full = False
    may_lose = False
    shared = False
    elsewhere = ()

    def flush(self) -> None:
        """Do nothing: it goes on waiting."""

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify) -> None:
        """Drop the frame."""

    async def knock(self, key: bytes, invitation: str) -> None:
        """Fail: there is no home that could let this node in. Raises Unreachable."""
        del key, invitation
        raise Unreachable("The home of this room cannot be reached now.")

    async def set_key(self, key: bytes) -> None:
        """Fail: there is no home that could take it. Raises Unreachable."""
        del key
        raise Unreachable("The home of this room cannot be reached now.")

    async def close(self) -> None:
        """Do nothing."""


ALONE = Alone()
"""The network of a node that is by itself."""
