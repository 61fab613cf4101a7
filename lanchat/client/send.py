"""How a program without a node of its own says something: in a room, or to everybody on this machine's node."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from functools import partial

import msgspec

from lanchat import runtime
from lanchat.client.find import Lookup, hello_here, reach
from lanchat.client.patience import patiently
from lanchat.config import Config
from lanchat.errors import InvalidFrame, NoSuchMessage, NoSuchRoom, NotArrived, Unreachable, error_of
from lanchat.identity import names
from lanchat.lan.connection import Connection, dial
from lanchat.protocol import (
    MAX_NONCE,
    MAX_TEXT,
    Announce,
    Author,
    Done,
    Error,
    Event,
    Held,
    History,
    Join,
    Joined,
    Moved,
    Open,
    Opened,
    Page,
    Post,
    RoomInfo,
    Waiting,
    Waits,
)

GRACE = 3.0
"""Seconds that a home which should answer has for a post, before it is said that the post waits."""
ONCE = 10
"""Minutes within which a text that is sent `once` is there once."""
_MINUTE = 60
_MOVES = 8


class Sent(msgspec.Struct, frozen=True):
    """What became of one message.

    Attributes:
        room: id of its room.
        nonce: by which it is known.
        seq: its number in the room; 0 while it waits for the room's home.
        waits_for: name of the machine that it waits for; empty when it is there.
    """

    room: str
    nonce: str
    seq: int = 0
    waits_for: str = ""


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """How something is said.

    Attributes:
        nonce: by which it is known: what is said again under it is there once. Empty for one of its own.
        once: derive the nonce from the room, the name and the text, so that the same within ONCE minutes is there once.
        wait: seconds that the room's home has for it; None to be content with what this node keeps.
    """

    nonce: str = ""
    once: bool = False
    wait: float | None = None


async def send_text(search: Lookup, room: str, text: str, how: Saying | None = None) -> AsyncIterator[Sent]:
    """Say something in a room, and return what becomes of each message: a long text becomes several.

    Where the room's home does not answer, a message is kept by the node that was asked, and goes there later.

    Raises:
        InvalidFrame: there is nothing to say, or the nonce is too long.
        NotArrived: the home has not answered in the time that it was given; the message is kept nevertheless.
        LanchatError: the room cannot be reached, or refused.
    """
    room, how = names.room_name(room), how or Saying()
    parts = split(text)
    if not parts:
        raise InvalidFrame("There is nothing to send: the text is empty.")
    if len(how.nonce) > MAX_NONCE:
        raise InvalidFrame(f"The nonce has {len(how.nonce)} characters; the most is {MAX_NONCE}.")
    async with reach(search, room, create=True) as (connection, info):
        speaker = Speaker(connection, info, how)
        await speaker.enter()
        # One after the other, so that a part which has to wait is not overtaken by those behind it.
        for number, part in enumerate(parts):
            sent = await speaker.say(part, _nonces(how, (room, search.config.nick, text), number))
            yield sent
        if sent.waits_for and how.wait is not None:
            raise NotArrived(
                f"{sent.waits_for} has not answered within {how.wait:g} s; what was said is kept here and waits for it."
            )


class Speaker:
    """Says one message after the other in a room, and goes along when that gives way to another of its name.

    Args:
        connection: to a node that has the room.
        room: the room.
        how: how it is said.
    """

    def __init__(self, connection: Connection, room: RoomInfo, how: Saying) -> None:
        self._connection = connection
        self._room = room
        self._how = how
        self._answers = room.online
        self._deadline = asyncio.get_running_loop().time() + (how.wait or 0.0)

    async def enter(self) -> None:
        """Enter the room. Raises LanchatError."""
        join = Join(room=self._room.id, limit=0, since=self._room.top)
        await patiently(partial(self._connection.ask, join, Joined))

    async def say(self, text: str, nonces: list[str]) -> Sent:
        """Say something under the first of some nonces, unless it is there under one of them.

        Raises:
            LanchatError: the room refused.
        """
        for nonce in nonces if self._how.once else ():
            if known := await self._known(nonce):
                return known
        for _ in range(_MOVES):
            try:
                return await patiently(partial(self._post, Post(room=self._room.id, nonce=nonces[0], text=text)))
            except NoSuchRoom:
                opened = await patiently(partial(self._connection.ask, Open(name=self._room.name), Opened))
                self._room = opened.room
                await self.enter()
        raise NoSuchRoom("The room gave way to another one again and again.")

    async def _known(self, nonce: str) -> Sent | None:
        """Return what was said under a nonce before, if anything was."""
        room = self._room.id
        try:
            page = await patiently(partial(self._connection.ask, History(room=room, around=nonce, limit=1), Page))
        except NoSuchMessage:
            waits = await patiently(partial(self._connection.ask, Waiting(room=room), Waits))
            held = any(post.nonce == nonce for post in waits.posts)
            return Sent(room, nonce, waits_for=self._room.node.name) if held else None
        return next((Sent(room, nonce, event.seq) for event in page.events if event.nonce == nonce), None)

    async def _post(self, post: Post) -> Sent:
        """Send a post, and wait until it is kept; what else comes is dropped, however much it is.

        Raises:
            NoSuchRoom: the room gave way to another one.
            LanchatError: it was refused.
        """
        await self._connection.send(post)
        try:
            async with asyncio.timeout(None) as patience:
                async for reply in self._connection:
                    match reply:
                        case Error(nonce=post.nonce):
                            raise error_of(reply.code, reply.message, reply.wait)
                        case Event(room=post.room, nonce=post.nonce):
                            return Sent(post.room, post.nonce, reply.seq)
                        case Held(room=post.room, nonce=post.nonce):
                            patience.reschedule(self._until)
                        case Moved(room=post.room):
                            raise NoSuchRoom
                        case _:
                            pass
        except TimeoutError:
            self._answers = False
            return Sent(post.room, post.nonce, waits_for=self._room.node.name)
        raise Unreachable("The connection ended before the message was kept.")

    @property
    def _until(self) -> float:
        """When the home has had its time for what this node keeps since now, by the loop's clock."""
        now = asyncio.get_running_loop().time()
        return self._deadline if self._how.wait is not None else now + (GRACE if self._answers else 0.0)


async def announce(config: Config, text: str) -> Author:
    """Tell something to everybody on the node of this user and in its rooms, and return who told it.

    Args:
        config: `data_dir` names the node, `nick` who speaks; empty: its owner.
        text: what to tell.

    Raises:
        InvalidFrame: there is nothing to tell.
        TextTooLong: it is longer than MAX_TEXT.
        Unreachable: no node of this user runs on this machine.
    """
    node = runtime.running(config.data_dir)
    async with dial(node.window, hello_here(config, node.key)) as connection:
        await patiently(partial(connection.ask, Announce(text=text), Done))
        return connection.welcome.you


def split(text: str) -> list[str]:
    """Cut a text into messages of at most MAX_TEXT characters, at the ends of lines where that is possible."""
    parts = []
    begin = 0
    while begin < len(text):
        if text[begin] in "\r\n":
            begin += 1
            continue
        end = begin + MAX_TEXT
        if end < len(text):
            line = text.rfind("\n", begin, end + 1)
            end = line if line > begin else end
        part = text[begin:end].rstrip("\r\n")
        if part.strip():
            parts.append(part)
        begin = end
    return parts


def _nonces(how: Saying, said: tuple[str, str, str], number: int) -> list[str]:
    """Return by which nonces a message may be known: the one for now first.

    Args:
        how: how it is said.
        said: the room, who says it, and all of the text.
        number: which message of that it is.
    """
    if how.once:
        minute = int(time.time()) // _MINUTE
        return [_derived(*said, how.nonce, str(minute - ago), str(number)) for ago in range(ONCE + 1)]
    if not how.nonce:
        return [secrets.token_hex(16)]
    return [_derived(how.nonce, str(number)) if number else how.nonce]


def _derived(*parts: str) -> str:
    """Return a nonce that is the same for the same parts."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
