"""Names of rooms, people and nodes."""

import contextlib

from lanchat.errors import InvalidNick, InvalidRoomName
from lanchat.identity import names
from lanchat.lan.discovery.records import MAX_NODE_NAME, clean
from lanchat.log import visible


def target(data: bytes) -> None:
    """Take the bytes for a name. What is accepted or made tidy can be seen, and is the same when it is read again."""
    text = data.decode("utf-8", "surrogateescape")
    with contextlib.suppress(InvalidRoomName):
        room = names.room_name(text)
        assert names.room_name(room) == room
        assert 0 < len(room) <= names.MAX_ROOM_NAME
    with contextlib.suppress(InvalidNick):
        nick = names.nick(text)
        assert names.nick(nick) == nick
        assert 0 < len(nick) <= names.MAX_NICK
    tidy = names.tidy(text)
    assert names.nick(tidy) == tidy
    assert 0 < len(names.node_name(text)) <= names.MAX_NODE_NAME
    cleaned = clean(text.encode("utf-8", "replace").decode(), MAX_NODE_NAME, "x")
    assert 0 < len(cleaned.encode()) <= MAX_NODE_NAME
    assert visible(text).isprintable()
    assert names.alike(text, text)
    names.mixes_scripts(text)
    assert names.tame(names.tame(text)) == names.tame(text)
