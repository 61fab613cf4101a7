"""One client that speaks protocol v1: a window, a guest's browser, a script, or another node's link."""

import asyncio

import msgspec

from lanchat import protocol
from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.errors import DoorError, HelloFirst, LanchatError, NotOwner, NotText, UnsupportedVersion
from lanchat.identity import names
from lanchat.layers import Message
from lanchat.protocol import (
    Announce,
    Author,
    Cancel,
    Command,
    Export,
    Heartbeat,
    Hello,
    Import,
    Open,
    Opened,
    Post,
    Rename,
    Reply,
    Welcome,
    You,
    codec,
)
from lanchat.sessions.admission import Client, admit
from lanchat.sessions.context import LISTENERS, OWNERS, SessionContext
from lanchat.sessions.hub import Run
from lanchat.sessions.job_commands import JobCommand, JobCommands
from lanchat.sessions.room_commands import RoomCommands

_HELLO_TIME = 5.0
_NO_HELLO, _NO_KEY, _NO_VERSION = 4000, 4001, 4002


class ClientConsumer(AsyncWebsocketConsumer):
    """One client, from its hello to its end.

    Args:
        reception: what it meets here.
    """

    def __init__(self, reception: SessionContext) -> None:
        super().__init__(layers={})
        self._at = reception
        self._room_commands: RoomCommands | None = None
        self._job_commands: JobCommands | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._groups: list[str] = []
        self._renaming: asyncio.Task[None] | None = None

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
            if self._room_commands is None:
                await self._turn_away(error)

    async def disconnect(self, code: int) -> None:
        """Leave every room."""
        if self._timer is not None:
            self._timer.cancel()
        if self._renaming is not None:
            self._renaming.cancel()
        for group in self._groups:
            await self._at.hub.leave(group, self.hear)
        if self._room_commands is not None:
            self._at.count("connections_closed", label=self._who.kind)
            if self._job_commands is not None:
                self._job_commands.end()
            await self._at.notifications.leave(self._who.author, self.socket.send_text)
            await self._room_commands.end()

    def hear(self, said: Run | Message) -> None:
        """Pass on something of the node; take the owner's new name, which may have been chosen in another window."""
        if isinstance(said, Run):
            return
        if said["type"] == "owner.renamed":
            self._renaming = asyncio.ensure_future(self._be_called(self._at.owner.author))
        else:
            self.socket.send_text(said["frame"])

    async def _obey(self, command: Command) -> None:
        if self._room_commands is None:
            await self._greet(command)
            return
        match command:
            case Open(name=name, room=room, create=create):
                rooms = self._at.rooms
                found = await (rooms.enter(room) if room else rooms.open(name, create=create))
                self._tell(Opened(room=found.info))
            case Rename(nick=nick):
                await self._rename(nick)
            case Announce(text=text):
                await self._announce(text)
            case Export() | Import() | Cancel():
                await self._run(command)
            case _:
                await self._room_commands.obey(command)

    async def _greet(self, command: Command) -> None:
        client = admit(command, self._at)
        self._room_commands = RoomCommands(self._at, client, self.socket)
        self._at.count("connections_opened", label=client.kind)
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
        if client.kind != "link":
            await self._at.notifications.arrive(client.author, self.socket.send_text)
        if group := LISTENERS.get(client.kind):
            await self._listen(group)
            self.socket.send_text(self._at.list_for(client.kind))
        if client.kind == "window" and isinstance(command, Hello):
            for frame in self._at.startup_notices.for_window(command.token):
                self.socket.send_text(frame)
        if client.author.id == self._at.owner.author.id:
            await self._listen(OWNERS)

    async def _run(self, errand: JobCommand) -> None:
        if self._job_commands is None:
            self._job_commands = JobCommands(self._at.exchange, self._at.layer, self.socket.send_text)
        await self._job_commands.run(errand)

    async def _listen(self, group: str) -> None:
        self._groups.append(group)
        await self._at.hub.enter(group, self.hear)

    async def _turn_away(self, error: LanchatError) -> None:
        code = _NO_HELLO
        if isinstance(error, DoorError):
            code = _NO_VERSION if isinstance(error, UnsupportedVersion) else _NO_KEY
        await self.close(code, error.code)

    async def _rename(self, nick: str) -> None:
        me = self._who.author
        if me.id == self._at.owner.author.id:
            await self._at.owner.rename(nick)
            await self._at.layer.group_send(OWNERS, {"type": "owner.renamed"})
            return
        await self._be_called(Author(id=me.id, nick=names.nick(nick)))

    async def _announce(self, text: str) -> None:
        if self._at.is_key is None:
            raise NotOwner
        await self._at.rooms.announce(await self._at.notifications.announce(self._who.author, text))

    async def _be_called(self, author: Author) -> None:
        """From now on, call the one at this client by another name."""
        if self._room_commands is not None:
            self._tell(You(you=author))
            self._at.notifications.rename(author, self.socket.send_text)
            await self._room_commands.rename(msgspec.structs.replace(self._who, author=author))

    @property
    def _who(self) -> Client:
        if self._room_commands is None:
            raise HelloFirst
        return self._room_commands.client

    def _beat(self, *, first: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(protocol.HEARTBEAT, self._beat)
        if not first and self._room_commands is not None:
            joined = self._room_commands.joined
            self._tell(Heartbeat(tops={room: subscription.top() for room, subscription in joined.items()}))

    def _refuse(self, error: LanchatError, command: Command | None) -> None:
        self._at.count("refusals", label=error.code)
        nonce = command.nonce if isinstance(command, Post) else ""
        self._tell(codec.error_frame(error, nonce=nonce, room=getattr(command, "room", "")))

    def _tell(self, notice: Reply) -> None:
        self.socket.send_text(codec.encode(notice))

    def _give_up(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self.close(_NO_HELLO, "no hello"))
