"""Who is in a room: the people here, and those whom other nodes see."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from lanchat.errors import LanchatError
from lanchat.protocol import HEARTBEAT, SILENCE, Author, NodeInfo, Presence, encode, is_guest_id
from lanchat.rooms.throttle import Throttle

_log = logging.getLogger(__name__)

PAUSE = 0.1
"""Seconds between two announcements of who is here, when people come and go quickly.

Everybody is sent everybody, so if each of them were announced, a thousand who join would cost a billion names.
"""

MOST_BYTES = 128 * 1024
"""Most bytes of a frame of ours, and of all that somebody who joins is told; the rest comes within ten seconds."""


MOST_NODES = 256
"""Most nodes in one room; another one has no place until one is silent."""
MOST_PEOPLE = 5_000
"""Most people whom other nodes see in one room, all nodes together."""


class PresenceSets:
    """The people in one room, one set per node.

    A node always says its whole set; the next saying replaces it, and a node that is silent for `SILENCE` seconds is
    dropped whole. State instead of changes: loss and reordering need no code.
    """

    def __init__(self) -> None:
        self._sets: dict[str, tuple[NodeInfo, tuple[Author, ...], float]] = {}

    def replace(self, node: NodeInfo, members: Iterable[Author], now: float) -> bool:
        """Take what `node` says at `now` (monotonic seconds); True when it differs from what it said before."""
        said = tuple(sorted(members, key=lambda member: (member.nick.casefold(), member.id)))
        known = self._sets.get(node.id)
        if said:
            self._sets[node.id] = (node, said, now)
        else:
            self._sets.pop(node.id, None)
        return said != (known[1] if known else ())

    def has_place(self, node: NodeInfo, members: Sequence[Author], *, keep: str = "") -> bool:
        """Return whether there is place for what a node says, beside the others; `keep` is the node that always has."""
        others = {known: said for known, (_, said, _) in self._sets.items() if known not in {node.id, keep}}
        people = sum(map(len, others.values())) + len(members)
        return len(others) < MOST_NODES and people <= MOST_PEOPLE

    def expire(self, now: float, *, keep: str = "") -> list[NodeInfo]:
        """Drop the nodes that were silent for too long, except `keep`, and give them."""
        silent = [node for node, _, at in self._sets.values() if node.id != keep and now - at > SILENCE]
        for node in silent:
            del self._sets[node.id]
        return silent

    def sets(self) -> list[tuple[NodeInfo, tuple[Author, ...]]]:
        """Return each node with its people."""
        return [(node, members) for node, members, _ in self._sets.values()]

    def elsewhere(self, node: str) -> set[str]:
        """Return the ids of the people who are here through other nodes than this one."""
        return {member.id for known, (_, said, _) in self._sets.items() if known != node for member in said}

    def sees(self, node: str, person: str) -> bool:
        """Return whether a node says that somebody is here."""
        _, said, _ = self._sets.get(node, (None, (), 0.0))
        return any(member.id == person for member in said)

    def everybody(self) -> Iterator[Author]:
        """Return all people; somebody who is here through two nodes comes twice."""
        return (member for _, members, _ in self._sets.values() for member in members)

    def __len__(self) -> int:
        """Count the people; somebody who is here through two nodes counts once."""
        return len({member.id for member in self.everybody()}) if self._sets else 0


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
        """Take what another node says of who is there, and pass it on; True when that changes who is here.

        A guest who is here through one node stays there as long as it says so: whoever knows their id could have them
        elsewhere as well. Who has a key is not in question here, because their node shows that it is theirs.
        """
        if frame.node.id == self._node.id or not self.has_place(frame):
            return False
        taken = self.people.elsewhere(frame.node.id)
        theirs = [member for member in frame.members if member.id not in taken or not is_guest_id(member.id)]
        frame = msgspec.structs.replace(frame, members=theirs)
        changed = self.people.replace(frame.node, frame.members, time.monotonic())
        await self._send(frame)
        return changed

    def has_place(self, frame: Presence) -> bool:
        """Return whether there is place for what another node says; too many nodes or people are passed over."""
        return self.people.has_place(frame.node, frame.members, keep=self._node.id)

    async def lose_others(self) -> None:
        """Drop everybody who is here through other nodes, because the home cannot be reached."""
        for node, _ in self.people.sets():
            if node.id != self._node.id:
                await self.receive(Presence(room=self._room, node=node, members=[]))

    async def expire(self) -> bool:
        """Drop nodes that were silent for too long; True when there were any."""
        silent = self.people.expire(time.monotonic(), keep=self._node.id)
        for node in silent:
            await self._send(Presence(room=self._room, node=node, members=[]))
        return bool(silent)

    def presences(self) -> list[Presence]:
        """Return who is here, node by node, this one first, as the frames that say it, as far as they fit."""
        frames, left = [], MOST_BYTES
        for node, members in sorted(self.people.sets(), key=lambda said: said[0].id != self._node.id):
            frame = Presence(room=self._room, node=node, members=list(members))
            frame = fitting(frame, left) if node.id == self._node.id else frame
            if (size := len(encode(frame))) <= left:
                left -= size
                frames.append(frame)
        return frames

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
        await self._send(fitting(Presence(room=self._room, node=self._node, members=self._members()), MOST_BYTES))

    def _members(self) -> list[Author]:
        return list({author.id: author for author in self._here.values()}.values())


def fitting(frame: Presence, most: int) -> Presence:
    """Return a frame of at most so many bytes, if it can be: with fewer people where they are too many for one."""
    while frame.members and len(encode(frame)) > most:
        frame = msgspec.structs.replace(frame, members=frame.members[: len(frame.members) * 3 // 4])
    return frame


class Peopled(Protocol):
    """A room, as far as people are in it."""

    presence: RoomPresence

    @property
    def name(self) -> str:
        """The room's name."""


async def keep_present(rooms: Iterable[Peopled], on_change: Callable[[], None]) -> None:
    """Say every HEARTBEAT seconds who is here, and drop nodes that fell silent. Runs until it is cancelled.

    Args:
        rooms: all rooms.
        on_change: called when somebody was dropped.
    """
    while True:
        await asyncio.sleep(HEARTBEAT)
        for room in rooms:
            try:
                await room.presence.announce()
                if await room.presence.expire():
                    on_change()
            except LanchatError as error:
                # A layer that cannot carry it now may carry the next one.
                _log.warning("Who is in room %r could not be announced: %s", room.name, error)
