"""A mirror of a room: this node's own copy, while another node numbers."""

import asyncio
from collections.abc import Sequence
from typing import Literal, Protocol

from lanchat.journal import Draft, Journal, Kept
from lanchat.protocol import Haven, Invite, NodeInfo, Notification, Presence, Receipts, Typing, Verify


class Upstream(Protocol):
    """The way from a mirror to the room's home."""

    @property
    def online(self) -> bool:
        """Whether the home answers now."""

    @property
    def fetching(self) -> int:
        """The home's top while the mirror is far behind and catches up with it; 0 otherwise."""

    @property
    def refused(self) -> str:
        """Code of the reason why what answers in the place of the home is not taken; empty otherwise."""

    @property
    def full(self) -> bool:
        """Whether the mirror has as much as it may, and fetches no more."""

    @property
    def shared(self) -> bool:
        """Whether a Redis numbers the room, here or where this mirror is led."""

    @property
    def may_lose(self) -> bool:
        """Whether a crash of what numbers the room can take the last second of it, where no node has that."""

    @property
    def elsewhere(self) -> Sequence[Haven]:
        """Where else guests come into the room, as `Role.elsewhere`."""

    def flush(self) -> None:
        """Send what waits in the outbox, as soon as the home answers."""

    def send(self, frame: Presence | Receipts | Typing | Invite | Verify) -> None:
        """Send the home something that is not kept; dropped when the home does not answer now."""

    async def knock(self, key: bytes, invitation: str) -> None:
        """Have the home let this node in. As `Room.knock`."""

    async def set_key(self, key: bytes) -> None:
        """Have the home take what the new passphrase was made into. As `Room.set_key`."""

    async def close(self) -> None:
        """End the link."""


class Mirror:
    """Keeps what is said until the room's home has numbered it.

    Args:
        room: id of the room.
        journal: keeps the copy and the outbox.
        upstream: the way to the home.
    """

    kind: Literal["mirror"] = "mirror"

    def __init__(self, room: str, journal: Journal, upstream: Upstream) -> None:
        self._room = room
        self._journal = journal
        self._upstream = upstream

    @property
    def online(self) -> bool:
        """Whether the home answers now."""
        return self._upstream.online

    @property
    def fetching(self) -> int:
        """The home's top while the mirror is far behind and catches up with it; 0 otherwise."""
        return self._upstream.fetching

    @property
    def refused(self) -> str:
        """Code of the reason why what answers in the place of the home is not taken; empty otherwise."""
        return self._upstream.refused

    @property
    def full(self) -> bool:
        """Whether the mirror has as much as it may, and fetches no more."""
        return self._upstream.full

    @property
    def shared(self) -> bool:
        """Whether a Redis numbers the room, here or where this mirror is led."""
        return self._upstream.shared

    @property
    def may_lose(self) -> bool:
        """Whether a crash of what numbers the room can take the last second of it, where no node has that."""
        return self._upstream.may_lose

    @property
    def elsewhere(self) -> Sequence[Haven]:
        """Where else guests come into the room."""
        return self._upstream.elsewhere

    @property
    def copied(self) -> int:
        """The highest seq on this node's disk."""
        return self._journal.top(self._room)

    def post(self, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept | None]:
        """Put a post into the outbox, from where the link sends it home. As `Role.post`."""
        del brought
        waiting = self._journal.enqueue(draft)
        waiting.add_done_callback(lambda _: self._upstream.flush())
        return waiting

    def flush(self) -> None:
        """Send what waits in the outbox, as soon as the home answers."""
        self._upstream.flush()

    def send_home(self, frame: Presence | Receipts | Typing) -> None:
        """Send the home something that is not kept."""
        self._upstream.send(frame)

    async def pass_on(self, frame: Invite | Verify, nodes: Sequence[NodeInfo]) -> None:
        """Send what is for one person to the home, which knows the way to the other nodes."""
        if nodes:
            self._upstream.send(frame)

    async def announce(self, notification: Notification) -> None:
        """Do nothing: only the home announces to the nodes in its room."""

    async def knock(self, key: bytes, invitation: str) -> None:
        """Have the home let this node in. As `Room.knock`."""
        await self._upstream.knock(key, invitation)

    async def set_key(self, key: bytes) -> None:
        """Have the home take what the new passphrase was made into. As `Room.set_key`."""
        await self._upstream.set_key(key)

    async def close(self) -> None:
        """End the link."""
        await self._upstream.close()
