"""The rooms that one client of protocol v1 follows, and what it does in them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from lanchat.consumers import Socket
from lanchat.errors import InvalidFrame, LanchatError, NotJoined
from lanchat.identity import names
from lanchat.journal import Draft, Kept
from lanchat.layers import Message
from lanchat.protocol import (
    Author,
    Body,
    Command,
    Error,
    Found,
    Held,
    History,
    Invite,
    Join,
    Leave,
    Post,
    Presence,
    Read,
    Receipts,
    Reply,
    RoomRef,
    Search,
    Typing,
    codec,
)
from lanchat.rooms import Room
from lanchat.sessions.admission import Client, vouched
from lanchat.sessions.context import LISTENERS, SessionContext
from lanchat.sessions.hub import Run
from lanchat.sessions.subscription import Subscription


class RoomCommands:
    """Obeys a client's commands about rooms.

    Args:
        at: what the client meets here.
        client: who it is.
        socket: its connection.

    Attributes:
        client: who it is; changes when it is renamed.
        joined: what it has seen of each room that it follows.
    """

    def __init__(self, at: SessionContext, client: Client, socket: Socket) -> None:
        self.client = client
        self.joined: dict[str, Subscription] = {}
        self._at = at
        self._socket = socket

    async def obey(self, command: Command) -> None:
        """Obey a command about a room. Raises LanchatError when it is refused."""
        obey = _COMMANDS.get(type(command))
        if obey is None:
            raise InvalidFrame("hello: it was said already.")
        await obey(self, command)

    async def rename(self, client: Client) -> None:
        """Show the one at this client under another name."""
        self.client = client
        for subscription in tuple(self.joined.values()):
            if client.kind in LISTENERS:
                await subscription.room.presence.enter(self, client.author)

    def hear(self, said: Run | Message) -> None:
        """Pass on what a room tells links, if this is the link that is meant."""
        node = self.client.node
        if not isinstance(said, Run) and node is not None and said["node"] in {"", node.id}:
            self._socket.send_text(said["frame"])

    async def end(self) -> None:
        """Leave every room."""
        for room in tuple(self.joined):
            await self._leave(room)

    async def _join(self, command: Join) -> None:
        room = self._at.rooms.get(command.room)
        if room.id in self.joined:
            await self._leave(room.id)
        subscription = Subscription(room, self._at.journal, self._socket, count=self._at.count)
        self.joined[room.id] = subscription
        await self._at.hub.enter(room.group, subscription.hear)
        if self.client.node is not None:
            await self._at.hub.enter(room.links, self.hear)
        if not await subscription.begin(command.since, command.limit, command.last):
            await self._leave(room.id)
            return
        for presence in room.presence.presences():
            self._tell(presence)
        for receipts in room.read_state.frames():
            self._tell(receipts)
        if self.client.kind in LISTENERS and await room.presence.enter(self, self.client.author):
            self._at.rooms.changed()

    async def _go(self, command: Leave) -> None:
        await self._leave(self._followed(command.room).room.id)

    async def _leave(self, room: str) -> None:
        subscription = self.joined.pop(room)
        await subscription.end()
        await self._at.hub.leave(subscription.room.group, subscription.hear)
        await self._at.hub.leave(subscription.room.links, self.hear)
        gone = self._hang_up if self.client.node else self._walk_out
        if await gone(subscription.room):
            self._at.rooms.changed()

    async def _walk_out(self, room: Room) -> bool:
        return await room.presence.leave(self)

    async def _hang_up(self, room: Room) -> bool:
        """Take the people of this link's node for gone, unless a newer link speaks for them already."""
        node = self.client.node
        if node is None or self._at.presence_owners.get((room.id, node.id)) is not self:
            return False
        del self._at.presence_owners[room.id, node.id]
        return await room.presence.receive(Presence(room=room.id, node=node, members=[]))

    async def _post(self, command: Post) -> None:
        room = self._followed(command.room).room
        author = self._speaker(command.author)
        body = Body(text=command.text, target=command.target, emoji=command.emoji, off=command.off)
        kept = room.post(Draft(room.id, command.nonce, author, body, command.kind))
        kept.add_done_callback(lambda done: self._posted(done, command))

    def _posted(self, done: asyncio.Future[Kept] | asyncio.Future[Kept | None], command: Post) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if isinstance(error, LanchatError):
            self._at.count("refusals", label=error.code)
            self._tell(codec.error_frame(error, nonce=command.nonce, room=command.room))
        elif (kept := done.result()) is None:
            self._tell(Held(room=command.room, nonce=command.nonce))
        elif not kept.fresh:
            self._tell(kept.event)

    async def _page(self, command: History) -> None:
        self._tell(await self._followed(command.room).page(command))

    async def _search(self, command: Search) -> None:
        room = self._followed(command.room).room
        hits = await self._at.journal.search(room.id, command.text, command.before, command.limit)
        self._tell(Found(room=room.id, text=command.text, hits=hits, before=command.before))

    async def _typing(self, command: Typing) -> None:
        room = self._followed(command.room).room
        author = self._speaker(command.author)
        node = self.client.node or self._at.node
        await room.typing(Typing(room=room.id, author=author, node=node.id))

    async def _read(self, command: Read) -> None:
        room = self._followed(command.room).room
        if self.client.kind in LISTENERS:
            await room.read_state.read(self.client.author.id, min(command.seq, room.top))

    async def _receipts(self, command: Receipts) -> None:
        room = self._followed(command.room).room
        node = self.client.node
        if node is None or command.node.id != node.id:
            raise InvalidFrame("receipts: only a link says how far a node is, and only for its own node.")
        kept = min(command.kept, room.top)
        await room.read_state.receive(Receipts(room=room.id, node=node, kept=kept, read=command.read))

    async def _presence(self, command: Presence) -> None:
        room = self._followed(command.room).room
        node = self.client.node
        if node is None or command.node.id != node.id:
            raise InvalidFrame("presence: only a link says who is there, and only for its own node.")
        members = [vouched(member, self._at) for member in command.members]
        self._at.presence_owners[room.id, node.id] = self
        if await room.presence.receive(Presence(room=room.id, node=node, members=members)):
            self._at.rooms.changed()

    async def _invite(self, command: Invite) -> None:
        room = self._followed(command.room).room
        if all(member.id != command.to for member in room.presence.people.everybody()):
            raise InvalidFrame("invite: nobody in this room has that id.")
        into = RoomRef(id=command.into.id, name=names.room_name(command.into.name))
        author = self._speaker(command.author)
        await self._at.notifications.invite(command.to, author, into)
        await room.invite(Invite(room=room.id, to=command.to, into=into, author=author))

    def _speaker(self, named: Author | None) -> Author:
        return vouched(named, self._at) if self.client.kind == "link" else self.client.author

    def _followed(self, room: str) -> Subscription:
        self._at.rooms.get(room)
        if room not in self.joined:
            raise NotJoined
        return self.joined[room]

    def _tell(self, notice: Reply | Error) -> None:
        self._socket.send_text(codec.encode(notice))


_COMMANDS: dict[type, Callable[[RoomCommands, Any], Awaitable[None]]] = {
    Join: RoomCommands._join,  # noqa: SLF001 - the table is a part of the class
    Leave: RoomCommands._go,  # noqa: SLF001
    Post: RoomCommands._post,  # noqa: SLF001
    History: RoomCommands._page,  # noqa: SLF001
    Search: RoomCommands._search,  # noqa: SLF001
    Typing: RoomCommands._typing,  # noqa: SLF001
    Presence: RoomCommands._presence,  # noqa: SLF001
    Read: RoomCommands._read,  # noqa: SLF001
    Receipts: RoomCommands._receipts,  # noqa: SLF001
    Invite: RoomCommands._invite,  # noqa: SLF001
}
