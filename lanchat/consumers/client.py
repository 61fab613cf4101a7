"""One client that speaks protocol v1: a window, a guest's browser, a script, or another node's link."""

import asyncio

import msgspec

from lanchat.chat import codec, names, protocol
from lanchat.chat.journal import Draft, Kept
from lanchat.chat.protocol import (
    Author,
    Body,
    Command,
    Heartbeat,
    History,
    Join,
    Leave,
    Notice,
    Open,
    Opened,
    Post,
    Presence,
    Rename,
    Typing,
    Welcome,
    You,
)
from lanchat.chat.room import Room
from lanchat.consumers.reception import Client, Reception, admit, vouched
from lanchat.consumers.subscription import Subscription
from lanchat.consumers.websocket import AsyncWebsocketConsumer
from lanchat.errors import (
    DoorError,
    HelloFirst,
    InvalidFrame,
    LanchatError,
    NotJoined,
    NotText,
    UnsupportedVersion,
)
from lanchat.layers import Message

OWNERS = "node.owners"
"""The layer's group of those who speak as the owner: windows, and scripts that chose no name of their own."""
LISTENERS = {"window": "node.lists.window", "guest": "node.lists.guest"}
"""The layer's groups of those who want the list of rooms, by kind of client."""

_HELLO_TIME = 5.0
_NO_HELLO, _NO_KEY, _NO_VERSION = 4000, 4001, 4002


class ClientConsumer(AsyncWebsocketConsumer):
    """One client, from its hello to its end.

    Args:
        reception: what it meets here.
    """

    def __init__(self, reception: Reception) -> None:
        super().__init__()
        self._at = reception
        self._layer = self.channel_layer = reception.layer
        self._client: Client | None = None
        self._joined: dict[str, Subscription] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        """Accept, and wait for a hello for a few seconds."""
        await self.accept()
        self._timer = asyncio.get_running_loop().call_later(_HELLO_TIME, self._give_up)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Obey one command; one that is refused is answered with an error, and the connection goes on."""
        command: Command | None = None
        try:
            if text_data is None:
                raise NotText
            command = codec.decode_command(text_data)
            codec.check_command(command)
            await self._obey(command)
        except LanchatError as error:
            self._refuse(error, command)
            if self._client is None:
                await self._turn_away(error)

    async def disconnect(self, code: int) -> None:
        """Leave every room."""
        if self._timer is not None:
            self._timer.cancel()
        for room in tuple(self._joined):
            await self._leave(room)

    def room_events(self, message: Message) -> None:
        """Show what was said in a room."""
        if subscription := self._joined.get(message["room"]):
            subscription.take(message)

    def room_frame(self, message: Message) -> None:
        """Pass on something of a room that is not kept."""
        if message["room"] in self._joined:
            self.socket.send_text(message["frame"])

    def room_line(self, message: Message) -> None:
        """Pass over what is only for those who speak plain text; presence says the same."""

    def node_frame(self, message: Message) -> None:
        """Pass on something of the node."""
        self.socket.send_text(message["frame"])

    async def owner_renamed(self, message: Message) -> None:
        """Take the owner's new name, which may have been chosen in another window."""
        await self._call(self._at.owner.author)

    async def _obey(self, command: Command) -> None:
        if self._client is None:
            await self._greet(command)
            return
        if isinstance(command, Open):
            rooms = self._at.rooms
            room = await (
                rooms.enter(command.room) if command.room else rooms.open(command.name, create=command.create)
            )
            self._tell(Opened(room=room.info))
            return
        if isinstance(command, Rename):
            await self._rename(command.nick)
            return
        await self._obey_in_room(command)

    async def _obey_in_room(self, command: Command) -> None:
        match command:
            case Join():
                await self._join(command)
            case Leave(room=room):
                await self._leave(self._followed(room).room.id)
            case Post():
                self._post(command)
            case History(room=room, before=before, after=after, limit=limit):
                self._tell(await self._followed(room).page(before, after, limit))
            case Typing():
                await self._typing(command)
            case Presence():
                await self._presence(command)
            case _:
                raise InvalidFrame("hello: it was said already.")

    async def _greet(self, command: Command) -> None:
        self._client = client = admit(command, self._at)
        self._beat(first=True)
        self._tell(
            Welcome(
                version=protocol.VERSION,
                node=self._at.node,
                you=client.author,
                heartbeat=protocol.HEARTBEAT,
                silence=protocol.SILENCE,
                max_text=protocol.MAX_TEXT,
                address=self._at.address(),
            )
        )
        if group := LISTENERS.get(client.kind):
            await self._layer.group_add(group, self.channel_name)
            self.socket.send_text(self._at.list_for(client.kind))
        if client.author.id == self._at.owner.author.id:
            await self._layer.group_add(OWNERS, self.channel_name)

    async def _turn_away(self, error: LanchatError) -> None:
        code = _NO_HELLO
        if isinstance(error, DoorError):
            code = _NO_VERSION if isinstance(error, UnsupportedVersion) else _NO_KEY
        await self.close(code, error.code)

    async def _join(self, command: Join) -> None:
        room = self._at.rooms.get(command.room)
        if room.id in self._joined:
            await self._leave(room.id)
        subscription = Subscription(room, self._at.journal, self.socket, self._at.frames)
        self._joined[room.id] = subscription
        await self._layer.group_add(room.group, self.channel_name)
        if not await subscription.begin(command.since, command.limit):
            await self._leave(room.id)
            return
        for presence in room.presences():
            self._tell(presence)
        if self._who.kind in LISTENERS and await room.enter(self.channel_name, self._who.author):
            self._at.rooms.changed()

    async def _leave(self, room: str) -> None:
        subscription = self._joined.pop(room)
        await subscription.end()
        await self._layer.group_discard(subscription.room.group, self.channel_name)
        if await (self._hang_up(subscription.room) if self._who.node else subscription.room.leave(self.channel_name)):
            self._at.rooms.changed()

    async def _hang_up(self, room: Room) -> bool:
        """Take the people of this link's node for gone, unless a newer link speaks for them already."""
        node = self._who.node
        if node is None or self._at.voices.get((room.id, node.id)) != self.channel_name:
            return False
        del self._at.voices[room.id, node.id]
        return await room.hear(Presence(room=room.id, node=node, members=[]))

    def _post(self, command: Post) -> None:
        room = self._followed(command.room).room
        author = vouched(command.author, self._at) if self._who.kind == "link" else self._who.author
        kept = room.post(Draft(room.id, command.nonce, author, Body(text=command.text)))
        kept.add_done_callback(lambda done: self._posted(done, command))

    def _posted(self, done: asyncio.Future[Kept] | asyncio.Future[Kept | None], command: Post) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if isinstance(error, LanchatError):
            self._refuse(error, command)
        elif (kept := done.result()) is not None and not kept.fresh:
            self._tell(kept.event)

    async def _rename(self, nick: str) -> None:
        if self._who.author.id == self._at.owner.author.id:
            await self._at.owner.rename(nick)
            await self._layer.group_send(OWNERS, {"type": "owner.renamed"})
            return
        await self._call(Author(id=self._who.author.id, nick=names.nick(nick)))

    async def _call(self, author: Author) -> None:
        """From now on, call the one at this client by another name."""
        self._client = msgspec.structs.replace(self._who, author=author)
        self._tell(You(you=author))
        for subscription in tuple(self._joined.values()):
            if self._who.kind in LISTENERS:
                await subscription.room.enter(self.channel_name, author)

    async def _typing(self, command: Typing) -> None:
        room = self._followed(command.room).room
        who = self._who
        author = vouched(command.author, self._at) if who.kind == "link" else who.author
        await room.typing(Typing(room=room.id, author=author, node=(who.node or self._at.node).id))

    async def _presence(self, command: Presence) -> None:
        room = self._followed(command.room).room
        if self._who.node is None or command.node.id != self._who.node.id:
            raise InvalidFrame("presence: only a link says who is there, and only for its own node.")
        members = [vouched(member, self._at) for member in command.members]
        self._at.voices[room.id, self._who.node.id] = self.channel_name
        if await room.hear(Presence(room=room.id, node=self._who.node, members=members)):
            self._at.rooms.changed()

    @property
    def _who(self) -> Client:
        if self._client is None:
            raise HelloFirst
        return self._client

    def _followed(self, room: str) -> Subscription:
        self._at.rooms.get(room)
        if room not in self._joined:
            raise NotJoined
        return self._joined[room]

    def _beat(self, *, first: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(protocol.HEARTBEAT, self._beat)
        if not first:
            self._tell(Heartbeat(tops={room: subscription.room.top for room, subscription in self._joined.items()}))

    def _refuse(self, error: LanchatError, command: Command | None) -> None:
        nonce = command.nonce if isinstance(command, Post) else ""
        self._tell(codec.error_frame(error, nonce=nonce, room=getattr(command, "room", "")))

    def _tell(self, notice: Notice) -> None:
        self.socket.send_text(codec.encode(notice))

    def _give_up(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self.close(_NO_HELLO, "no hello"))
