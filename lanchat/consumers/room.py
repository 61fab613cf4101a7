"""The tutorial's room chat on a path: any WebSocket client sends plain lines of text and receives plain lines of text.

What is said here is an event like any other: windows see it and the journal keeps it.
"""

import asyncio
import secrets

from lanchat.chat import codec, protocol
from lanchat.chat.journal import Draft, Kept
from lanchat.chat.protocol import Author, Body, Event
from lanchat.chat.room import Room
from lanchat.chat.rooms import Rooms
from lanchat.consumers.outbox import FrameCache
from lanchat.consumers.websocket import AsyncWebsocketConsumer
from lanchat.errors import InvalidFrame, LanchatError, NotText, TextTooLong
from lanchat.layers import BaseChannelLayer, Message

ANONYMOUS = "Someone"
"""How a client that has no name is shown."""
_REFUSED = 4003


class RoomConsumer(AsyncWebsocketConsumer):
    """One client that speaks plain text, in the room that its path names.

    Args:
        rooms: where rooms come into being on demand.
        layer: the layer that carries what happens in them.
        lines: shared by all consumers of the process, so that an event becomes a line once.
    """

    def __init__(self, rooms: Rooms, layer: BaseChannelLayer, lines: "LineCache") -> None:
        super().__init__()
        self.channel_layer = layer
        self._rooms = rooms
        self._lines = lines
        self._room: Room | None = None
        self._author = Author(id=secrets.token_hex(16), nick=ANONYMOUS)

    async def connect(self) -> None:
        """Enter the room, and tell everybody in it who reads plain text."""
        await self.accept()
        try:
            room = await self._rooms.open(self.scope["path_params"]["room_name"])
        except LanchatError as error:
            self._refuse(error)
            await self.close(_REFUSED, error.code)
            return
        self._room = room
        await self.layer.group_add(room.group, self.channel_name)
        if await room.enter(self.channel_name, self._author):
            self._rooms.changed()
        await room.line(f"🚪 {ANONYMOUS} joined room '{room.name}'")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say a line in the room; one that cannot be kept is answered with the reason."""
        if self._room is None:
            return
        try:
            kept = self._room.post(self._draft(self._room, text_data))
        except LanchatError as error:
            self._refuse(error)
        else:
            # Nobody waits here, so that lines which come together share one commit and one write to each member.
            kept.add_done_callback(self._posted)

    async def disconnect(self, code: int) -> None:
        """Leave the room, and tell those who stay."""
        room, self._room = self._room, None
        if room is None:
            return
        await self.layer.group_discard(room.group, self.channel_name)
        if await room.leave(self.channel_name):
            self._rooms.changed()
        await room.line(f"👋 {ANONYMOUS} left room '{room.name}'")

    def room_events(self, message: Message) -> None:
        """Show what was said."""
        self.socket.write(self._lines.events(message["frames"]))

    def room_line(self, message: Message) -> None:
        """Show who came and went."""
        self.socket.send_text(message["text"].encode())

    def room_frame(self, message: Message) -> None:
        """Pass over what only windows understand."""

    @property
    def layer(self) -> BaseChannelLayer:
        """The layer that carries what happens in the room."""
        if self.channel_layer is None:
            raise RuntimeError("a room consumer is made with its layer")
        return self.channel_layer

    def _posted(self, done: asyncio.Future[Kept] | asyncio.Future[Kept | None]) -> None:
        if not done.cancelled() and isinstance(error := done.exception(), LanchatError):
            self._refuse(error)

    def _refuse(self, error: LanchatError) -> None:
        self.socket.send_text(f"⚠️ {error}".encode())

    def _draft(self, room: Room, text: str | None) -> Draft:
        if text is None:
            raise NotText("Please send text.")
        if not text.strip():
            raise InvalidFrame("The line is empty.")
        if len(text) > protocol.MAX_TEXT:
            raise TextTooLong(f"The line has {len(text)} characters; the most is {protocol.MAX_TEXT}.")
        return Draft(room.id, secrets.token_hex(16), self._author, Body(text=text))


class LineCache:
    """The plain lines of the events that are being fanned out, made once per process."""

    def __init__(self) -> None:
        self._source: object = None
        self._lines: list[bytes] = []
        self._frames = FrameCache()

    def events(self, frames: list[bytes]) -> bytes:
        """Give the WebSocket frames of the lines for encoded events."""
        if frames is not self._source:
            events = (codec.decode_notice(frame) for frame in frames)
            self._lines = [f"💬 {event.body.text}".encode() for event in events if isinstance(event, Event)]
            self._source = frames
        return self._frames.text(self._lines)
