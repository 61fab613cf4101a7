"""Pages and what is found, at a real node over a real socket."""

import pytest

from lanchat.protocol import (
    Error,
    Found,
    History,
    Page,
    Search,
)
from lanchat.web.server import Server
from tests.support.clients import guest


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


async def test_pages_go_both_ways(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("pages")
        for number in range(1, 31):
            await ada.say(room, f"{number}")
        await ada.said(room, 30)
        back = await ada.ask(History(room=room, before=21, limit=10), Page)
        assert [event.seq for event in back.events] == list(range(11, 21))
        on = await ada.ask(History(room=room, after=25, limit=10), Page)
        assert [event.seq for event in on.events] == list(range(26, 31))
        assert (await ada.ask(History(room=room, before=1), Page)).events == []
        assert (await ada.ask(History(room=room, after=30), Page)).events == []
        assert [event.seq for event in (await ada.join(room, since=28)).events] == [29, 30]
        assert [event.seq for event in (await ada.join(room, limit=3)).events] == [28, 29, 30]
        assert (await ada.join(room, limit=0)).events == []


async def test_words_are_found_in_the_room_that_was_joined(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("search")
        for text in ("Soup is ready", "no lunch", "soup again"):
            await ada.say(room, text)
        await ada.said(room, 3)
        found = await ada.ask(Search(room=room, text="sou"), Found)
        assert [(hit.event.seq, hit.marks) for hit in found.hits] == [(3, [(0, 4)]), (1, [(0, 4)])]
        assert (await ada.ask(Search(room=room, text="soup", before=3), Found)).hits[0].event.seq == 1
        await ada.tell(Search(room="0" * 32, text="soup"))
        assert (await ada.hear(Error)).code == "no_such_room"


async def test_a_page_lies_around_an_event(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("around")
        for number in range(20):
            await ada.say(room, f"{number}")
        await ada.said(room, 20)
        page = await ada.ask(History(room=room, around="nonce of 9", limit=5), Page)
        assert [event.seq for event in page.events] == [8, 9, 10, 11, 12]
        assert (await ada.ask(History(room=room, around="nowhere"), Error)).code == "no_such_message"
