"""How a program without a node of its own says something: in a room, or to everybody on this machine's node."""

import secrets
from collections.abc import AsyncIterator
from functools import partial

from lanchat import runtime
from lanchat.client.find import Lookup, hello_here, reach
from lanchat.client.patience import patiently
from lanchat.config import Config
from lanchat.errors import InvalidFrame, Unreachable, error_of
from lanchat.identity import names
from lanchat.lan.connection import Connection, dial
from lanchat.protocol import MAX_TEXT, Announce, Author, Done, Error, Event, Join, Joined, Post


async def send_text(search: Lookup, room: str, text: str) -> AsyncIterator[Event]:
    """Say something in a room, and return each message as its home has kept it: a long text becomes several.

    Raises:
        InvalidFrame: there is nothing to say.
        LanchatError: the room cannot be reached, or refused.
    """
    room = names.room_name(room)
    parts = split(text)
    if not parts:
        raise InvalidFrame("There is nothing to send: the text is empty.")
    async with reach(search, room, create=True) as (connection, info):
        await patiently(partial(connection.ask, Join(room=info.id, limit=0, since=info.top), Joined))
        # One after the other, so that a part which has to wait is not overtaken by those behind it.
        for part in parts:
            post = Post(room=info.id, nonce=secrets.token_hex(16), text=part)
            yield await patiently(partial(_say, connection, post))


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
    node = runtime.read(config.data_dir)
    if node is None:
        raise Unreachable("No Lanchat of yours runs on this machine; an announcement goes out from there.")
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


async def _say(connection: Connection, post: Post) -> Event:
    """Send a post, and wait until it is kept; what else comes is dropped, however much it is."""
    await connection.send(post)
    async for reply in connection:
        if isinstance(reply, Error) and reply.nonce == post.nonce:
            raise error_of(reply.code, reply.message, reply.wait)
        if isinstance(reply, Event) and (reply.room, reply.nonce) == (post.room, post.nonce):
            return reply
    raise Unreachable("The connection ended before the room's home had kept the message.")
