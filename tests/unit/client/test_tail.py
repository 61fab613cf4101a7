"""Following a room: each event once and in order, whatever the node says in between."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import cast

import msgspec
import pytest

from lanchat.client.tail import follow
from lanchat.config import Config
from lanchat.errors import JournalFailed, NoSuchRoom
from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import dial
from lanchat.limits import Limits
from lanchat.protocol import (
    MAX_PAGE,
    MAX_TEXT,
    VERSION,
    Author,
    Body,
    Command,
    Error,
    Event,
    Heartbeat,
    Hello,
    History,
    Join,
    Joined,
    Moved,
    NodeInfo,
    Open,
    Opened,
    Page,
    Reply,
    RoomInfo,
    StartOver,
)
from lanchat.protocol.cursor import Cursor
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving

ROOM = "r"


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    limits = Limits(post_burst=1000, byte_burst=8e6)  # somebody says more than a page at once
    async with serving(msgspec.structs.replace(config, limits=limits)) as server:
        yield server


@pytest.fixture
async def somebody(server: Server) -> AsyncIterator[Client]:
    async with guest(server) as client:
        yield client


class Playbook:
    """A connection on which the node says exactly this."""

    def __init__(self, *notifications: Reply) -> None:
        self.sent: list[Command] = []
        self._notifications = deque(notifications)

    async def submit(self, command: Command) -> int:
        self.sent.append(command)
        return len(self.sent)

    def __aiter__(self) -> "Playbook":
        return self

    async def __anext__(self) -> Reply:
        if not self._notifications:
            raise StopAsyncIteration
        reply = self._notifications.popleft()
        if isinstance(reply, Joined | Page | StartOver | Error) and not reply.ref:
            return msgspec.structs.replace(reply, ref=len(self.sent))  # the answer to what was asked last
        return reply


def event(seq: int, room: str = ROOM) -> Event:
    author = Author(id="ada", nick="Ada")
    return Event(
        room=room, seq=seq, term=1, nonce=f"n{seq}", author=author, at=0, kind="message", body=Body(text=str(seq))
    )


def joined(top: int, seqs: Iterable[int]) -> Joined:
    return Joined(room=ROOM, term=1, top=top, events=[event(seq) for seq in seqs])


def page(*seqs: int) -> Page:
    return Page(room=ROOM, events=[event(seq) for seq in seqs])


async def seen(playbook: Playbook, since: int = 0, *, wait: bool = True) -> list[int]:
    cursor = Cursor(since)
    connection = cast("Connection", playbook)
    return [event.seq async for event in follow(connection, ROOM, cursor, wait=wait)]


async def test_what_was_said_and_what_is_said(server: Server, somebody: Client) -> None:
    room = await somebody.enter("followed")
    await somebody.say(room, "one")
    await somebody.said(room, 1)
    cursor = Cursor()
    async with dial(server.lan_url, Hello(version=VERSION, client="script")) as connection:
        await connection.ask(Open(room=room), Opened)
        events = follow(connection, room, cursor, wait=True)
        assert (await anext(events)).body.text == "one"
        await somebody.say(room, "two")
        assert (await anext(events)).body.text == "two"
        assert cursor.seq == 2
        await events.aclose()  # type: ignore[attr-defined]


async def test_a_long_history_is_read_page_by_page(server: Server, somebody: Client) -> None:
    room = await somebody.enter("long")
    for number in range(MAX_PAGE + 20):
        await somebody.say(room, f"{number}:{'x' * (MAX_TEXT // 4)}", nonce=f"n{number}")
    await somebody.said(room, MAX_PAGE + 20)
    async with dial(server.lan_url, Hello(version=VERSION, client="script")) as connection:
        await connection.ask(Open(room=room), Opened)
        async with asyncio.timeout(20):
            found = [event.seq async for event in follow(connection, room, Cursor(), wait=False)]
    assert found == list(range(1, MAX_PAGE + 21))


async def test_the_room_is_joined_where_the_cursor_is() -> None:
    playbook = Playbook(joined(7, [6, 7]))
    assert await seen(playbook, since=5, wait=False) == [6, 7]
    assert playbook.sent == [Join(room=ROOM, since=5, limit=MAX_PAGE)]


async def test_an_empty_room_has_an_end() -> None:
    assert await seen(Playbook(joined(0, []), event(1)), wait=False) == []


async def test_what_was_seen_is_not_given_twice() -> None:
    assert await seen(Playbook(joined(2, [1, 2]), event(2), event(3), page(2, 3, 4), event(4))) == [1, 2, 3, 4]


async def test_a_hole_is_asked_for_once_and_filled_in_order() -> None:
    playbook = Playbook(joined(1, [1]), event(4), event(5), page(2, 3), page(4, 5), event(6))
    assert await seen(playbook) == [1, 2, 3, 4, 5, 6]
    assert [ask.after for ask in playbook.sent if isinstance(ask, History)] == [1, 3]


async def test_what_was_removed_is_no_hole() -> None:
    playbook = Playbook(
        msgspec.structs.replace(joined(7, [6, 7]), oldest=6), msgspec.structs.replace(page(11, 12), oldest=11)
    )
    assert await seen(playbook, since=2) == [6, 7, 11, 12]
    assert [ask for ask in playbook.sent if isinstance(ask, History)] == []


async def test_a_heartbeat_tells_of_a_lost_last_event() -> None:
    playbook = Playbook(joined(1, [1]), Heartbeat(tops={ROOM: 2, "other": 9}), page(2))
    assert await seen(playbook) == [1, 2]


async def test_the_newest_come_first_and_the_rest_is_asked_for() -> None:
    playbook = Playbook(joined(4, [3, 4]), page(1, 2), page(3, 4))
    assert await seen(playbook, wait=False) == [1, 2, 3, 4]


async def test_a_page_without_anything_new_is_not_asked_for_at_once_again() -> None:
    playbook = Playbook(joined(3, [3]), page(), Heartbeat(tops={ROOM: 3}), page(1, 2), page(3))
    assert await seen(playbook) == [1, 2, 3]
    assert [ask.after for ask in playbook.sent if isinstance(ask, History)] == [0, 0, 2]


async def test_what_cannot_be_had_ends_a_reading_that_does_not_wait() -> None:
    assert await seen(Playbook(joined(3, [3]), page(), event(4)), wait=False) == []


async def test_a_room_that_gave_way_is_left() -> None:
    info = RoomInfo(id="other", name="x", node=NodeInfo(id="n", name="n"), kind="mirror", members=0, top=0, online=True)
    assert await seen(Playbook(joined(0, []), Moved(room=ROOM, to=info), event(1))) == []


async def test_another_history_is_an_error() -> None:
    with pytest.raises(NoSuchRoom, match="history"):
        await seen(Playbook(StartOver(room=ROOM, top=1)), since=5)


async def test_a_refusal_is_an_error() -> None:
    with pytest.raises(JournalFailed, match="away"):
        await seen(Playbook(joined(1, []), Error(code="journal_failed", message="It is away.", retry=True)))


async def test_a_refusal_of_something_else_is_not_ours() -> None:
    elsewhere = Error(code="journal_failed", message="It is away.", retry=True, ref=99)
    assert await seen(Playbook(joined(2, [1]), elsewhere, page(2))) == [1, 2]


async def test_a_page_that_was_not_asked_for_by_us_answers_nothing() -> None:
    playbook = Playbook(joined(3, [1]), msgspec.structs.replace(page(2), ref=99), page(2, 3))
    assert await seen(playbook) == [1, 2, 3]
    assert [ask.after for ask in playbook.sent if isinstance(ask, History)] == [1]
