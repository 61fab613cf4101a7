"""What a home may say: its frames pass the checks that a guest's pass, and are about its one room. Pure."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from lanchat.errors import InvalidFrame, InvalidNick
from lanchat.identity import names
from lanchat.protocol import (
    MAX_PAGE,
    MAX_TEXT,
    Author,
    Error,
    Event,
    Heartbeat,
    Invite,
    Joined,
    Moved,
    NodeInfo,
    Notification,
    Page,
    Post,
    Presence,
    Receipts,
    Reply,
    RoomRef,
    Ruled,
    StartOver,
    Typing,
    Verify,
    check_command,
)

MAX_NAME = 200
"""Longest name of a person that is made tidy, in code points; older histories have such; a longer one is refused."""
_HIGHEST = 2**53
_HIGHEST_SEQ = 2**40 - 1
_MOST_PEOPLE = 100_000
_MOST_WORDS = 200


def checked(reply: Reply, room: str, owner: str) -> Reply | None:
    """Return a frame of a home as it may be taken, with names tidy that nobody signed; None when it is passed over.

    Passed over is what names the owner of this node as somebody who is elsewhere: any guest of the home could claim
    that, so it must not end the connection. Of events, the signature says it.

    Args:
        reply: what came.
        room: id of the one room that the link is about.
        owner: id of the person whose node this is.

    Raises:
        LanchatError: a home may not say that; the sentence names what is wrong. The connection is to end.
    """
    match reply:
        case Event():
            return _event(reply, room)
        case Joined(events=events, term=term, top=top, oldest=oldest):
            _of_room("joined", reply.room, room)
            _number("joined: term", term, 1, _HIGHEST)
            _number("joined: top", top, 0, _HIGHEST_SEQ)
            _number("joined: oldest", oldest, 1, _HIGHEST_SEQ)
            return msgspec.structs.replace(reply, events=_run("joined", events, room), later=[])
        case Page(events=events, oldest=oldest):
            _of_room("page", reply.room, room)
            _number("page: oldest", oldest, 1, _HIGHEST_SEQ)
            return msgspec.structs.replace(reply, events=_run("page", events, room), later=[])
        case Ruled(events=events):
            _of_room("ruled", reply.room, room)
            reply = msgspec.structs.replace(reply, events=_run("ruled", events, room))
        case Heartbeat(tops=tops):
            _number("heartbeat: top", tops.get(room, 0), 0, _HIGHEST_SEQ)
        case StartOver() | Moved():
            _of_room("start_over" if isinstance(reply, StartOver) else "moved", reply.room, room)
        case Error():
            return _error(reply)
        case Presence() | Receipts() | Typing() | Invite() | Verify() | Notification():
            return _passing(reply, room, owner)
        case _:
            pass
    return reply


def _passing(
    reply: Presence | Receipts | Typing | Invite | Verify | Notification, room: str, owner: str
) -> Reply | None:
    """Check what no journal keeps."""
    if not isinstance(reply, Notification):
        _of_room(str(reply.__struct_config__.tag), reply.room, room)
    match reply:
        case Presence(node=node, members=members):
            people = [_author("presence", member) for member in members if member.id != owner]
            return msgspec.structs.replace(reply, node=_node(node), members=people)
        case Receipts(node=node, read=read):
            check_command(reply)
            for seq, people_there in read:
                _number("receipts: seq", seq, 0, _HIGHEST_SEQ)
                _number("receipts: count", people_there, 0, _MOST_PEOPLE)
            return msgspec.structs.replace(reply, node=_node(node))
        case Typing(author=author, node=node):
            _id("typing: node", node)
        case Invite(author=author, to=to, into=into):
            _id("invite: to", to)
            _id("invite: into", into.id)
            reply = msgspec.structs.replace(reply, into=RoomRef(id=into.id, name=names.room_name(into.name)))
        case Verify(author=author):
            check_command(reply)
        case Notification(author=author):
            _notification(reply)
    if author is None or author.id == owner:
        return None
    return msgspec.structs.replace(reply, author=_author(str(reply.__struct_config__.tag), author))


def _notification(notification: Notification) -> None:
    _number("notification: at", notification.at, 0, _HIGHEST)
    if len(notification.text) > MAX_TEXT:
        length = len(notification.text)
        raise InvalidFrame(f"notification: the text has {length} characters; the most is {MAX_TEXT}.")


def _event(event: Event, room: str) -> Event:
    _of_room("event", event.room, room)
    body = event.body
    post = Post(
        room=room,
        nonce=event.nonce,
        text=body.text,
        kind=event.kind,
        target=body.target,
        emoji=_known(body.emoji),
        off=body.off,
    )
    check_command(post)
    if body.origin:
        _id("event: origin", body.origin)
    _number("event: seq", event.seq, 1, _HIGHEST_SEQ)
    _number("event: term", event.term, 1, _HIGHEST)
    _number("event: at", event.at, 0, _HIGHEST)
    author = _author("event", event.author)
    if author is event.author or event.signature:
        return event  # a name is kept as it was signed
    return msgspec.structs.replace(event, author=author)


def _run(frame: str, events: Sequence[Event], room: str) -> list[Event]:
    if len(events) > MAX_PAGE:
        raise InvalidFrame(f"{frame}: it has {len(events)} events; the most is {MAX_PAGE}.")
    return [_event(event, room) for event in events]


def _error(error: Error) -> Error:
    """Return an error of the home as a person may read it: one line of at most 200 characters."""
    code = error.code if len(error.code) <= names.MAX_ROOM_NAME and error.code.isidentifier() else "error"
    message = "".join(letter if letter.isprintable() else " " for letter in error.message[:_MOST_WORDS])
    return msgspec.structs.replace(error, code=code, message=message)


def _of_room(frame: str, named: str, room: str) -> None:
    if named != room:
        raise InvalidFrame(f"{frame}: the home speaks of a room that was not asked for.")


def _number(what: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise InvalidFrame(f"{what} is {least} to {most}.")


def _id(what: str, text: str) -> None:
    if not (0 < len(text) <= names.MAX_ID and text.isascii() and text.isprintable()):
        raise InvalidFrame(f"{what} is an id of at most {names.MAX_ID} letters and digits.")


def _node(node: NodeInfo) -> NodeInfo:
    _id("node", node.id)
    if len(node.name) > MAX_NAME:
        raise InvalidFrame(f"The name of a node has {len(node.name)} characters; the most is {names.MAX_NODE_NAME}.")
    return NodeInfo(id=node.id, name=names.node_name(node.name))


def _author(frame: str, author: Author) -> Author:
    if not (0 < len(author.id) <= names.MAX_ID and author.id.isprintable()):  # archives of old may have such
        raise InvalidFrame(f"{frame}: a person's id has at most {names.MAX_ID} letters and digits.")
    if len(author.nick) > MAX_NAME:
        raise InvalidNick(f"{frame}: the name has {len(author.nick)} characters; the most is {names.MAX_NICK}.")
    nick = _tidy(author.nick)
    return author if nick == author.nick else Author(id=author.id, nick=nick)


_tidy = lru_cache(maxsize=1_000)(names.tidy)


def _known(emoji: str) -> str:
    """Return an emoji with a sign in place of what is newer than this Python's Unicode: the home may know it."""
    return "".join(names.seen(letter) for letter in emoji)
