"""What differs between the home of a room and its mirrors: the small interface behind which a room has either."""

import asyncio
from collections.abc import Sequence
from typing import Literal, Protocol

from lanchat.journal import Draft, Kept
from lanchat.protocol import Haven, Invite, NodeInfo, Notification, Presence, Receipts, Typing, Verify


class Role(Protocol):
    """Whether this node numbers a room, or another one does: `Home` or `Mirror`."""

    @property
    def kind(self) -> Literal["home", "mirror"]:
        """What lists of rooms call it."""

    @property
    def online(self) -> bool:
        """Whether what is said is numbered now."""

    @property
    def fetching(self) -> int:
        """The home's top while this node is far behind it and catches up; 0 otherwise."""

    @property
    def refused(self) -> str:
        """Code of the reason why what answers in the place of the home is not taken; empty otherwise."""

    @property
    def full(self) -> bool:
        """Whether it is a mirror that has as much as it may, and fetches no more."""

    @property
    def shared(self) -> bool:
        """Whether a Redis numbers the room, here or where this mirror is led."""

    @property
    def may_lose(self) -> bool:
        """Whether a crash of what numbers the room can take the last second of it, where no node has that."""

    @property
    def elsewhere(self) -> Sequence[Haven]:
        """Where else guests come into the room, as far as whoever numbers it says so: at the nodes of one Redis."""

    @property
    def copied(self) -> int:
        """The highest seq of this node's copy, as receipts say it; 0 at home, whose disk has every event first."""

    def post(self, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Take what somebody says, here or at another node that has `brought` it; numbered in the order of the calls.

        The future gives the event and whether it is new, or None while the home has not numbered it. It raises
        JournalError when the post was not kept, and NoSuchRoom when the room is gone.
        """

    def flush(self) -> None:
        """Send what waits for the home, if that is elsewhere."""

    def send_home(self, frame: Presence | Receipts | Typing) -> None:
        """Send the home what is not kept; dropped when the home does not answer now, or is here."""

    async def pass_on(self, frame: Invite | Verify, nodes: Sequence[NodeInfo]) -> None:
        """Pass what is for one person on towards the other nodes that see them."""

    async def announce(self, notification: Notification) -> None:
        """Send something to the nodes that keep a mirror, which only the home may."""

    async def knock(self, key: bytes, invitation: str) -> None:
        """Have the home let this node in; it does so by itself where it is here. As `Room.knock`."""

    async def set_key(self, key: bytes) -> None:
        """Have the home take what the new passphrase was made into. As `Room.set_key`."""

    async def close(self) -> None:
        """End the role."""
