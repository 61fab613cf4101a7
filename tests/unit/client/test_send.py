"""What a program says, in a room or to everybody."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import patch

import msgspec
import pytest

from lanchat.client.find import Lookup, reach
from lanchat.client.send import Saying, Speaker, announce, send_text, split
from lanchat.config import Config
from lanchat.errors import InvalidFrame, NotArrived, TextTooLong, Unreachable
from lanchat.journal import RoomRecord
from lanchat.protocol import MAX_TEXT, Event, Notification
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, guest, serving
from tests.support.clock import Clock

AWAY = RoomRecord(id="f" * 32, name="far", home=ELSEWHERE, addresses=("127.0.0.1:1",))
"""A room whose home does not answer."""


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
def mine(config: Config) -> Config:
    """Settings of a program of the node's owner."""
    return msgspec.structs.replace(config, nick="")


async def test_a_long_text_becomes_several_messages_in_order(server: Server, mine: Config) -> None:
    text = "\n".join(str(number) * MAX_TEXT for number in range(10)) + "\n" * 200
    sent = [sent async for sent in send_text(Lookup(config=mine), "build", text)]
    events = await said(server, "build")
    assert [(each.seq, each.nonce, each.waits_for) for each in sent] == [(each.seq, each.nonce, "") for each in events]
    assert [event.body.text[0] for event in events] == [str(number) for number in range(10)]
    assert {event.author.nick for event in events} == {"Tester"}


async def said(server: Server, name: str) -> list[Event]:
    room = server.node.rooms.here(name)
    assert room is not None
    return await server.node.journal.after(room.id, 0, 500)


async def waiting(server: Server, room: str) -> list[str]:
    """What waits for the home of a room."""
    return [draft.body.text for _, draft in await server.node.journal.outbox(room)]


async def test_what_is_sent_again_under_its_nonce_is_there_once(server: Server, mine: Config) -> None:
    text = "x" * MAX_TEXT + "y"
    for _ in range(3):
        sent = [each async for each in send_text(Lookup(config=mine), "build", text, Saying(nonce="number 12"))]
        assert [each.seq for each in sent] == [1, 2]
    assert [len(event.body.text) for event in await said(server, "build")] == [MAX_TEXT, 1]
    with pytest.raises(InvalidFrame, match="65 characters"):
        _ = [each async for each in send_text(Lookup(config=mine), "build", "hi", Saying(nonce="n" * 65))]


@pytest.mark.parametrize("online", [True, False])
async def test_the_same_text_within_ten_minutes_is_there_once(
    server: Server, mine: Config, clock: Clock, online: bool
) -> None:
    if not online:
        await away(server, "build")

    async def send(text: str, nick: str = "") -> None:
        search = Lookup(config=msgspec.structs.replace(mine, nick=nick))
        _ = [each async for each in send_text(search, "build", text, Saying(once=True))]

    async def there() -> list[str]:
        return [event.body.text for event in await said(server, "build")] if online else await waiting(server, AWAY.id)

    long = "a" * MAX_TEXT + "b"
    for minutes in (0, 0, 3, 6):
        clock.advance(60 * minutes)
        await send("done")
    assert await there() == ["done"]
    await send("done", "Robot")
    await send(long)
    await send(long)
    assert [text[0] for text in await there()] == ["d", "d", "a", "b"]
    clock.advance(60 * 3)
    await send("done")
    assert (await there())[-1] == "done"


async def test_what_is_for_a_home_that_is_away_is_kept_here_and_said_to_wait(server: Server, mine: Config) -> None:
    await away(server, "far")
    sent = [each async for each in send_text(Lookup(config=mine), "far", "x" * MAX_TEXT + "y")]
    assert [(each.room, each.seq, each.waits_for) for each in sent] == [(AWAY.id, 0, AWAY.home.name)] * 2
    with pytest.raises(NotArrived, match=r"elsewhere has not answered within 0\.05 s"):
        _ = [each async for each in send_text(Lookup(config=mine), "far", "y" * MAX_TEXT + "z", Saying(wait=0.05))]
    assert [text[0] for text in await waiting(server, AWAY.id)] == ["x", "y", "y", "z"]


async def test_whoever_speaks_in_a_room_that_gives_way_is_heard_in_the_other(server: Server, mine: Config) -> None:
    async with reach(Lookup(config=mine), "hall", create=True) as (connection, info):
        speaker = Speaker(connection, info, Saying())
        await speaker.enter()
        there = msgspec.structs.replace(AWAY, name="hall")
        with patch.object(server.node.network, "find", lambda **_: there):
            await server.node.rooms.give_way(server.node.rooms.get(info.id), there.id)
        sent = await speaker.say("hello", ["n1"])
    assert (sent.room, sent.nonce, sent.seq) == (there.id, "n1", 0)
    assert await waiting(server, there.id) == ["hello"]


async def away(server: Server, name: str) -> None:
    """Let the node have a mirror of a room whose home does not answer."""
    there = msgspec.structs.replace(AWAY, name=name)
    with patch.object(server.node.network, "find", lambda **_: there):
        await server.node.rooms.open(name)


async def test_nothing_is_nothing_to_say(server: Server, mine: Config) -> None:
    with pytest.raises(InvalidFrame, match="nothing to send"):
        _ = [event async for event in send_text(Lookup(config=mine), "build", " \n ")]
    assert server.node.rooms.here("build") is None


async def test_an_announcement_reaches_everybody_and_is_confirmed(server: Server, mine: Config) -> None:
    async with guest(server) as ada:
        assert await announce(mine, "Lunch\nat noon") == server.node.me
        told = await ada.hear(Notification)
        assert (told.kind, told.text, told.author) == ("announcement", "Lunch\nat noon", server.node.me)


async def test_two_that_say_the_same_at_once_are_confirmed_each(server: Server, mine: Config) -> None:
    bell = msgspec.structs.replace(mine, nick="Bell")
    async with guest(server) as ada:
        owner, other = await asyncio.gather(announce(mine, "Lunch"), announce(bell, "Lunch"))
        told = [await ada.hear(Notification) for _ in range(2)]
    assert sorted([owner.nick, other.nick]) == sorted(one.author.nick for one in told) == ["Bell", "Tester"]


async def test_an_announcement_under_another_name(server: Server, mine: Config) -> None:
    author = await announce(msgspec.structs.replace(mine, nick="Bell"), "Lunch")
    assert author.nick == "Bell"
    assert author.id != server.node.me.id


@pytest.mark.parametrize(("text", "error"), [(" \n", InvalidFrame), ("x" * (MAX_TEXT + 1), TextTooLong)])
async def test_an_announcement_that_is_none(server: Server, mine: Config, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await announce(mine, text)


async def test_without_a_node_nobody_announces(mine: Config) -> None:
    with pytest.raises(Unreachable, match="No Lanchat of yours"):
        await announce(mine, "Lunch")


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", []),
        (" \n\t\r\n ", []),
        ("one", [3]),
        ("\r\n one \r\n", [5]),
        ("x" * MAX_TEXT, [MAX_TEXT]),
        ("x" * (MAX_TEXT + 1), [MAX_TEXT, 1]),
        ("x" * MAX_TEXT + "\n", [MAX_TEXT]),
        ("x" * MAX_TEXT + "\ny", [MAX_TEXT, 1]),
        ("x" * (MAX_TEXT - 1) + "\ny\nz", [MAX_TEXT - 1, 3]),
        ("short\n" + "x" * MAX_TEXT, [5, MAX_TEXT]),
        ("a\n" + "\n" * MAX_TEXT + "b", [1, 1]),
        ("\n" * 3 * MAX_TEXT + "b", [1]),
    ],
)
def test_split(text: str, lengths: list[int]) -> None:
    assert [len(part) for part in split(text)] == lengths
