"""The home of a room: the node that numbers it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from lanchat.journal import Draft, Journal, Kept
from lanchat.protocol import Invite, NodeInfo, Notification, Presence, Receipts, Typing, Verify
from lanchat.rooms.quorum import Seat

SendToLinks = Callable[[Invite | Verify | Notification, str], Awaitable[None]]
"""Sends a frame to the link of the node with this id, or, when it is empty, to the links of all nodes in the room."""


class Home:
    """Numbers what is said in a room, and keeps it before anybody sees it.

    Args:
        journal: numbers and keeps.
        send_to_links: reaches the nodes that keep a mirror.
        seat: takes part in deciding who numbers; without one this node does, whatever happens.
    """

    kind: Literal["home"] = "home"
    fetching = 0
    refused = ""
    full = False
    may_lose = False
    shared = False
    elsewhere = ()
    copied = 0

    def __init__(self, journal: Journal, send_to_links: SendToLinks, seat: Seat | None = None) -> None:
        self._journal = journal
        self._send_to_links = send_to_links
        self._seat = seat

    @property
    def online(self) -> bool:
        """Whether what is said is numbered now: enough voters can be reached."""
        return self._seat is None or self._seat.numbering

    def post(self, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept] | asyncio.Future[Kept | None]:
        """Number and keep a post, here and where else it has to be kept. As `Role.post`."""
        return self._journal.append(draft) if self._seat is None else self._seat.post(draft, brought=brought)

    def flush(self) -> None:
        """Do nothing: here nothing waits."""

    def send_home(self, frame: Presence | Receipts | Typing) -> None:
        """Do nothing: this is the home, and whoever is in the room was told already."""

    async def pass_on(self, frame: Invite | Verify, nodes: Sequence[NodeInfo]) -> None:
        """Send what is for one person to the links of the nodes that see them."""
        for node in nodes:
            await self._send_to_links(frame, node.id)

    async def announce(self, notification: Notification) -> None:
        """Send something to every node that keeps a mirror."""
        await self._send_to_links(notification, "")

    async def knock(self, key: bytes, invitation: str) -> None:
        """Do nothing: this node is in its own room."""

    async def set_key(self, key: bytes) -> None:
        """Do nothing: the doors of this node have it."""

    async def close(self) -> None:
        """Do nothing: the journal outlives the room."""
