"""What is said in the tests of the chat: people, nodes, rooms and drafts with short names."""

import itertools

from lanchat.journal import Draft, RoomRecord
from lanchat.protocol import Author, Body, Event, NodeInfo

HERE = NodeInfo(id="here", name="This node")
THERE = NodeInfo(id="there", name="Another node")
ELSEWHERE = NodeInfo(id="elsewhere", name="A third node")
ADA = Author(id="a1", nick="Ada")
BOB = Author(id="b1", nick="Bob")

_numbers = itertools.count(1)


def record(room: str = "r1", name: str = "Kitchen", home: NodeInfo = HERE, *, owner: str = "") -> RoomRecord:
    return RoomRecord(id=room, name=name, home=home, owner=owner)


def draft(text: str = "hello", *, room: str = "r1", nonce: str = "", author: Author = ADA) -> Draft:
    """A draft with a nonce of its own, unless one is given."""
    return Draft(room=room, nonce=nonce or f"nonce-{next(_numbers)}", author=author, body=Body(text=text))


def event(seq: int, text: str = "hello", *, room: str = "r1", nonce: str = "", at: int = 0) -> Event:
    """An event as the home of `room` numbered it, with a nonce of its own unless one is given."""
    return Event(
        room=room,
        seq=seq,
        term=1,
        nonce=nonce or f"{room}-{seq}",
        author=BOB,
        at=at,
        kind="message",
        body=Body(text=text),
    )
