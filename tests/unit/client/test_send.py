"""What a program says, in a room or to everybody."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from lanchat.client.find import Lookup
from lanchat.client.send import announce, send_text, split
from lanchat.config import Config
from lanchat.errors import InvalidFrame, TextTooLong, Unreachable
from lanchat.protocol import MAX_TEXT, Notification
from lanchat.web.server import Server
from tests.support.clients import guest, serving


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
    events = [event async for event in send_text(Lookup(config=mine), "build", text)]
    assert [(event.seq, event.body.text[0]) for event in events] == [(number + 1, str(number)) for number in range(10)]
    assert {event.author.nick for event in events} == {"Tester"}


async def test_nothing_is_nothing_to_say(server: Server, mine: Config) -> None:
    with pytest.raises(InvalidFrame, match="nothing to send"):
        _ = [event async for event in send_text(Lookup(config=mine), "build", " \n ")]
    assert server.node.rooms.here("build") is None


async def test_an_announcement_reaches_everybody_and_is_confirmed(server: Server, mine: Config) -> None:
    async with guest(server) as ada:
        told = await announce(mine, "Lunch\nat noon")
        assert await ada.hear(Notification) == told
        assert (told.kind, told.text, told.author) == ("announcement", "Lunch\nat noon", server.node.me)


async def test_an_announcement_under_another_name(server: Server, mine: Config) -> None:
    told = await announce(msgspec.structs.replace(mine, nick="Bell"), "Lunch")
    assert told.author.nick == "Bell"
    assert told.author.id != server.node.me.id


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
