"""How a program without a node of its own says something: in a room, or to everybody on this machine's node."""

import secrets
from collections import deque
from collections.abc import AsyncIterator

from lanchat import runtime
from lanchat.client.find import Lookup, hello_here, reach
from lanchat.config import Config
from lanchat.errors import InvalidFrame, Unreachable, error_of
from lanchat.identity import names
from lanchat.lan.connection import Connection, dial
from lanchat.protocol import MAX_TEXT, Announce, Error, Event, Join, Joined, Notification, Post

_AT_ONCE = 64


async def send_text(search: Lookup, room: str, text: str) -> AsyncIterator[Event]:
    """Say something in a room, and give each message as its home has kept it: a long text becomes several.

    Raises:
        InvalidFrame: there is nothing to say.
        LanchatError: the room cannot be reached, or refused.
    """
    room = names.room_name(room)
    parts = deque(split(text))
    if not parts:
        raise InvalidFrame("There is nothing to send: the text is empty.")
    async with reach(search, room, create=True) as (connection, info):
        await connection.ask(Join(room=info.id, limit=0, since=info.top), Joined)
        waiting: set[str] = set()
        while parts or waiting:
            # A node cuts off who sends much and reads nothing, so its answers are read in between.
            while parts and len(waiting) < _AT_ONCE:
                nonce = secrets.token_hex(16)
                await connection.send(Post(room=info.id, nonce=nonce, text=parts.popleft()))
                waiting.add(nonce)
            yield await _kept(connection, waiting)


async def announce(config: Config, text: str) -> Notification:
    """Tell something to everybody on the node of this user and in its rooms, and give what they were told.

    Args:
        config: `data_dir` names the node, `nick` who speaks; empty: its owner.
        text: what to tell.

    Raises:
        InvalidFrame: there is nothing to tell.
        TextTooLong: it is longer than MAX_TEXT.
        Unreachable: no node of this user runs on this machine.
    """
    node = runtime.read(config.data_dir)
    if node is None:
        raise Unreachable("No Lanchat of yours runs on this machine; an announcement goes out from there.")
    async with dial(node.window, hello_here(config, node.key)) as connection:
        await connection.send(Announce(text=text))
        async for notice in connection:
            if isinstance(notice, Error):
                raise error_of(notice.code, notice.message)
            if isinstance(notice, Notification) and (notice.kind, notice.text) == ("announcement", text):
                return notice
    raise Unreachable("The connection ended before the announcement was out.")


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


async def _kept(connection: Connection, waiting: set[str]) -> Event:
    """Wait until one of the posts with these nonces is kept, and take its nonce out."""
    async for notice in connection:
        if isinstance(notice, Error) and notice.nonce in waiting:
            raise error_of(notice.code, notice.message)
        if isinstance(notice, Event) and notice.nonce in waiting:
            waiting.remove(notice.nonce)
            return notice
    raise Unreachable("The connection ended before the room's home had kept the message.")
