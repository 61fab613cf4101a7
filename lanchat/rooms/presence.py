"""Who is in a room: the people here, and those whom other nodes see."""

import time
from collections.abc import Awaitable, Callable

from lanchat.protocol import Author, NodeInfo, Presence
from lanchat.rooms.presence_sets import PresenceSets
from lanchat.rooms.throttle import Throttle

PAUSE = 0.1
"""Seconds between two announcements of who is here, when people come and go quickly.

Everybody is sent everybody, so if each of them were announced, a thousand who join would cost a billion names.
"""


class RoomPresence:
    """The people in one room.

    Args:
        room: the room's id.
        node: this node.
        send: tells everybody in the room who is there through one node; through this one, the home as well.

    Attributes:
        people: who is there, by node.
    """

    def __init__(self, room: str, node: NodeInfo, send: Callable[[Presence], Awaitable[None]]) -> None:
        self.people = PresenceSets()
        self._room = room
        self._node = node
        self._send = send
        self._here: dict[object, Author] = {}
        self._throttle = Throttle(self._send_mine, PAUSE, "Who is in a room")

    def __len__(self) -> int:
        return len(self.people)

    async def enter(self, key: object, author: Author) -> bool:
        """Note that `author` is here through the connection `key`; True when that changes who is here."""
        self._here[key] = author
        return await self._changed()

    async def leave(self, key: object) -> bool:
        """Note that the connection `key` is gone; True when that changes who is here."""
        if self._here.pop(key, None) is None:
            return False
        return await self._changed()

    async def announce(self) -> None:
        """Say who is here through this node, if anybody is."""
        if self._here:
            await self._send_mine()

    async def receive(self, frame: Presence) -> bool:
        """Take what another node says of who is there, and pass it on; True when that changes who is here."""
        if frame.node.id == self._node.id:
            return False
        changed = self.people.replace(frame.node, frame.members, time.monotonic())
        await self._send(frame)
        return changed

    async def lose_others(self) -> None:
        """Drop everybody who is here through other nodes, because the home cannot be reached."""
        for presence in self.presences():
            if presence.node.id != self._node.id:
                await self.receive(Presence(room=self._room, node=presence.node, members=[]))

    async def expire(self) -> bool:
        """Drop nodes that were silent for too long; True when there were any."""
        silent = self.people.expire(time.monotonic(), keep=self._node.id)
        for node in silent:
            await self._send(Presence(room=self._room, node=node, members=[]))
        return bool(silent)

    def presences(self) -> list[Presence]:
        """Return who is here, node by node, as the frames that say it."""
        return [Presence(room=self._room, node=node, members=list(members)) for node, members in self.people.sets()]

    def here(self) -> set[str]:
        """Return the ids of the people who are in the room through this node."""
        return {author.id for author in self._here.values()}

    def nodes_of(self, person: str) -> list[NodeInfo]:
        """Return the other nodes through which a person is there."""
        seen = [node for node, members in self.people.sets() if any(member.id == person for member in members)]
        return [node for node in seen if node.id != self._node.id]

    async def close(self) -> None:
        """Say no more who is here."""
        await self._throttle.close()

    async def _changed(self) -> bool:
        if not self.people.replace(self._node, self._members(), time.monotonic()):
            return False
        await self._throttle.changed()
        return True

    async def _send_mine(self) -> None:
        await self._send(Presence(room=self._room, node=self._node, members=self._members()))

    def _members(self) -> list[Author]:
        return list({author.id: author for author in self._here.values()}.values())
