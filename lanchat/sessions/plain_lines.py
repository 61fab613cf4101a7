"""The tutorial's room chat on a path: any WebSocket client sends plain lines of text and receives plain lines of text.

What is said here is an event like any other: windows see it and the journal keeps it.
"""

import asyncio
import secrets
import time
from functools import partial

import msgspec

from lanchat import protocol
from lanchat.consumers import AsyncWebsocketConsumer, text_frame
from lanchat.errors import InvalidFrame, LanchatError, LimitReached, NotText, SlowDown, TextTooLong
from lanchat.journal import Draft, Kept
from lanchat.layers import Message
from lanchat.limits import Addresses, Backlog, Payer
from lanchat.protocol import Author, Body, codec, guest_id
from lanchat.rooms import Access, Room, RoomRegistry, Visitor
from lanchat.sessions.hub import Hub, Run

ANONYMOUS = "Someone"
"""How a client that has no name is shown."""
_REFUSED, _TOO_FAST = 4003, 4029


class RoomConsumer(AsyncWebsocketConsumer):
    """One client that speaks plain text, in the room that its path names.

    Args:
        access: the gate.
        rooms: where rooms come into being on demand.
        hub: the clients of the node, by what they listen to.
        addresses: what each address may still do.
    """

    def __init__(self, access: Access, rooms: RoomRegistry, hub: Hub, addresses: Addresses) -> None:
        super().__init__(layers={})
        self._access = access
        self._rooms = rooms
        self._hub = hub
        self._addresses = addresses
        self._backlog = Backlog(addresses.limits.posts_unanswered)
        self._room: Room | None = None
        self._visitor = Visitor("lines", Author(id=guest_id(secrets.token_hex(16)), nick=ANONYMOUS))
        self._leaving: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Enter the room, and tell everybody in it who reads plain text."""
        await self.accept()
        self._visitor = msgspec.structs.replace(self._visitor, address=self.socket.peer)
        self._payer = Payer(self._visitor.address, self._visitor.author.id)
        self._addresses.traces.spoke(self._payer.address, self._payer.person)
        try:
            self._addresses.pay(self._payer, "open", time.monotonic())
            self._access.check(self._visitor, "open")
            room = await self._rooms.open(
                self.scope["path_params"]["room_name"],
                maker=self._payer.address,
                may=partial(self._access.check, self._visitor),
            )
            self._access.check(self._visitor, "lines", room.id)
            if self._hub.listeners(room.group) >= self._addresses.limits.members:
                raise LimitReached("This room is full; come back when somebody has left.")
        except LanchatError as error:
            self._refuse(error)
            await self.close(_REFUSED, error.code)
            return
        self._room = room
        await self._hub.enter(room.group, self)
        if await room.presence.enter(self, self._visitor.author):
            self._rooms.changed()
        await room.line(f"🚪 {ANONYMOUS} joined room '{room.name}'")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say a line in the room; one that cannot be kept is answered with the reason."""
        if self._room is None:
            return
        try:
            self._addresses.pay(self._payer, "post", time.monotonic(), self._room.id)
            self._access.check(self._visitor, "post", self._room.id)
            draft = self._draft(self._room, text_data)
            self._access.check_post(self._visitor, draft)
            kept = self._room.post(draft)
        except LanchatError as error:
            self._refuse(error)
            if isinstance(error, SlowDown) and not self._bears():
                self._addresses.traces.note(self._payer.address, "cut_off")
                await self.close(_TOO_FAST, error.code)
            else:
                await asyncio.sleep(self._addresses.rest(self._payer, time.monotonic()))
        else:
            # Nobody waits for one line, so that lines which come together share one commit and one write each.
            kept.add_done_callback(self._posted)
            self._backlog.add(kept)
            await self._backlog.room()

    async def disconnect(self, code: int) -> None:
        """Leave the room, and tell those who stay."""
        room, self._room = self._room, None
        if room is None:
            return
        await self._hub.leave(room.group, self)
        if await room.presence.leave(self):
            self._rooms.changed()
        await room.line(f"👋 {ANONYMOUS} left room '{room.name}'")

    def on_message(self, message: Run | Message) -> None:
        """Show what was said, and who came and went; pass over what only windows understand."""
        if isinstance(message, Run):
            self.socket.frames.push(message.form(lines))
        elif message["type"] == "room.line":
            self.socket.send_text(message["text"])
        elif message["type"] == "room.policy" and self._room is not None:
            try:
                self._access.check(self._visitor, "stay", self._room.id)
            except LanchatError as error:
                self._refuse(error)
                self._leaving = asyncio.get_running_loop().create_task(self.close(_REFUSED, error.code))

    def _bears(self) -> bool:
        """Whether a client that was told to slow down may stay."""
        self._addresses.traces.note(self._payer.address, "refused")
        return self._addresses.bear(self._payer, time.monotonic())

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
        body, voucher = Body(text=text), self._access.owner
        return Draft(room.id, secrets.token_hex(16), self._visitor.author, body, voucher=voucher)


def lines(run: Run) -> bytes:
    """Return the WebSocket frames of what was said in a run; edits, reactions and deletions have no line."""
    said = [event.body.text for event in map(codec.decode_event, run.frames) if event.kind == "message"]
    return b"".join([text_frame(f"💬 {text}".encode()) for text in said])
