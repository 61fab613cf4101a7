"""Programs of others at the same Redis: what they say in shared rooms, and hear of them. docs/operation/programs.md.

They use the layers of Django Channels or Fast Channels, and know nothing of ours. A program is a guest: it comes into
rooms that let guests in without being asked for anything, and is known by a secret of its own.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Sequence
from typing import Annotated

import msgspec

from lanchat.errors import InvalidFrame, LanchatError, NoSuchRoom, TextTooLong
from lanchat.identity import names
from lanchat.journal import Draft
from lanchat.layers import BaseChannelLayer, Message, layer_from_url
from lanchat.limits import Addresses, Limits, Payer
from lanchat.protocol import MAX_NONCE, MAX_TEXT, Author, Body, Event, guest_id
from lanchat.rooms import Access, Room, RoomRegistry, Visitor, succession

_log = logging.getLogger(__name__)

CHANNEL = "lanchat.say"
"""The channel of the queue layer on which programs say something."""
FRESH = 60_000
"""Milliseconds after which what was said is no news any more, and nobody is told of it."""
_ADDRESS = "redis"
"""Under which all programs together are counted."""
_AGAIN = 1.0
_WAITING = 1_000
_EAR = Visitor("lines", Author(id=guest_id(secrets.token_hex(16)), nick="Ear"), address=_ADDRESS)


def group_of(room: str) -> str:
    """Return the group of the pub/sub layer in which programs hear a room of this id."""
    return f"room.{room}"


class Utterance(msgspec.Struct, frozen=True):
    """What a program sends to CHANNEL.

    Attributes:
        room: id or name of the room.
        text: what it says.
        nick: how it is called there.
        secret: by which it is the same guest each time; at least 22 letters, digits, `_` or `-`.
        nonce: by which the same thing is said once, however often it is sent; empty: each time is another one.
        reply: channel of the queue layer that is told of a refusal; empty for none.
    """

    room: str
    text: str
    nick: str
    secret: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z_-]{22,128}$")]
    nonce: str = ""
    reply: str = ""


class Programs:
    """Lets programs speak and hear in the rooms of one node. Of several nodes one takes each saying.

    Args:
        url: of the Redis.
        prefix: what the names of the nodes' own keys begin with; the layers' are `PREFIX.say` and `PREFIX.hear`.
        access: the gate.
        limits: what may be asked of this node: all programs together have an address's worth.
    """

    def __init__(self, url: str, prefix: str, access: Access, limits: Limits) -> None:
        scheme, _, place = url.partition("://")
        scheme = scheme.partition("+")[0]
        self._saying: BaseChannelLayer = layer_from_url(f"{scheme}+queue://{place}", prefix=f"{prefix}.say")
        self._hearing: BaseChannelLayer = layer_from_url(f"{scheme}+pubsub://{place}", prefix=f"{prefix}.hear")
        self._access = access
        self._addresses = Addresses(limits)
        self._news: deque[tuple[Room, Event]] = deque(maxlen=_WAITING)
        self._some = asyncio.Event()

    def note(self, room: Room, events: Sequence[Event]) -> None:
        """Tell programs of what was said at this node and is numbered now."""
        if not succession.is_shared(room.record):
            return
        now = time.time() * 1000
        for event in events:
            here = self._access.owner in {event.author.id, event.voucher}
            if here and event.kind == "message" and now - event.at < FRESH:
                self._news.append((room, event))
                self._some.set()

    async def listen(self, rooms: RoomRegistry) -> None:
        """Take what programs say, as long as the node runs."""
        while True:
            try:
                message = await self._saying.receive(CHANNEL)
            except LanchatError as error:
                _log.info("Programs are not heard now: %s", error)
                await asyncio.sleep(_AGAIN)
                continue
            try:
                await self._say(rooms, message)
            except Exception:  # noqa: BLE001 - what one program says must not make the others mute
                _log.exception("What a program said could not be taken")

    async def tell(self) -> None:
        """Tell programs what is said, as long as the node runs; what cannot be told now they miss."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._news:
                room, event = self._news.popleft()
                try:
                    self._access.check(_EAR, "read", room.id)
                    await self._hearing.group_send(group_of(room.id), _told(room, event))
                except LanchatError as error:
                    _log.debug("Programs are not told of an entry of room %r: %s", room.name, error)

    async def close(self) -> None:
        """End the layers."""
        await self._saying.close()
        await self._hearing.close()

    async def _say(self, rooms: RoomRegistry, message: Message) -> None:
        reply, nonce = message.get("reply"), message.get("nonce")
        try:
            said = msgspec.convert({key: value for key, value in message.items() if key != "type"}, Utterance)
            await self._post(rooms, said)
        except (msgspec.ValidationError, LanchatError) as error:
            refusal = error if isinstance(error, LanchatError) else InvalidFrame(f"lanchat.say: {error}.")
            _log.info("What a program said is refused: %s", refusal)
            told = {"type": "lanchat.refused", "code": refusal.code, "message": str(refusal)}
            if isinstance(reply, str) and reply:
                with contextlib.suppress(LanchatError, TypeError):
                    await self._saying.send(reply, told | {"nonce": nonce if isinstance(nonce, str) else ""})

    async def _post(self, rooms: RoomRegistry, said: Utterance) -> None:
        author = Author(id=guest_id(said.secret), nick=names.nick(said.nick))
        visitor = Visitor("lines", author, address=_ADDRESS)
        room = _room(rooms, said.room)
        self._addresses.pay(Payer(_ADDRESS, author.id), "post", time.monotonic(), room.id)
        self._access.check(visitor, "post", room.id)
        if not said.text.strip() or len(said.nonce) > MAX_NONCE:
            raise InvalidFrame(f"lanchat.say: text is not empty, and nonce has at most {MAX_NONCE} characters.")
        if len(said.text) > MAX_TEXT:
            raise TextTooLong(f"The text has {len(said.text)} characters; the most is {MAX_TEXT}.")
        nonce, voucher = said.nonce or secrets.token_hex(16), self._access.owner
        draft = Draft(room.id, nonce, author, Body(text=said.text), voucher=voucher)
        self._access.check_post(visitor, draft)
        await room.post(draft)


def _room(rooms: RoomRegistry, wanted: str) -> Room:
    """Return the shared room of this id or name. Raises NoSuchRoom."""
    room = rooms.get(wanted) if wanted in rooms else rooms.here(wanted)
    if room is None or not succession.is_shared(room.record):
        raise NoSuchRoom(f"No room that is shared through this Redis is called {wanted!r}.")
    return room


def _told(room: Room, event: Event) -> Message:
    said = {"room": room.id, "name": room.name, "seq": event.seq, "nonce": event.nonce, "at": event.at}
    who = {"author": event.author.id, "nick": event.author.nick}
    return {"type": "lanchat.said"} | said | who | {"text": event.body.text}
