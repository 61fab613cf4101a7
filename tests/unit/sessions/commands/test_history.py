"""Pages and what is found, at a real node over a real socket."""

import asyncio

import pytest

from lanchat.journal import Draft
from lanchat.protocol import (
    Body,
    Error,
    Found,
    History,
    Page,
    Search,
)
from lanchat.web.server import Server
from tests.support.clients import guest
from tests.support.conditions import eventually


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


async def test_a_search_of_very_many_words_is_refused_and_holds_up_nobody(server: Server) -> None:
    async with guest(server, "Eve") as eve, guest(server, "Ada") as ada:
        room = await eve.enter("costly")
        drafts = [Draft(room, f"{number}", eve.me, Body(text="a b c d " * 499)) for number in range(200)]
        await asyncio.gather(*(server.node.journal.append(draft) for draft in drafts))
        with pytest.raises(AssertionError, match="search_too_long"):
            await eve.ask(Search(room=room, text=" ".join("abcdefghijklmnopq")), Found)
        for ref in range(100, 120):
            await eve.tell(Search(ref=ref, room=room, text="a b c d", limit=500))
        assert await ada.enter("costly elsewhere")
        refused = await eve.hear(Error)
        assert (refused.code, refused.ref, refused.retry) == ("too_many_searches", 108, True)
        first = await eve.hear(Found)
        assert (first.ref, first.more, len(first.hits[0].marks)) == (100, True, 64)


async def test_a_search_ends_with_its_client(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    running = list[str]()

    async def search(*_: object) -> None:
        running.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            running.clear()

    monkeypatch.setattr(server.node.journal, "search", search)
    async with guest(server, "Eve") as eve:
        room = await eve.enter("gone")
        await eve.tell(Search(room=room, text="soup"))
        await eventually(lambda: running)
        await eve.say(room, "and nobody waits for it")
        await eve.said(room, 1)
    await eventually(lambda: not running)


async def test_a_page_lies_around_an_event(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("around")
        for number in range(20):
            await ada.say(room, f"{number}")
        await ada.said(room, 20)
        page = await ada.ask(History(room=room, around="nonce of 9", limit=5), Page)
        assert [event.seq for event in page.events] == [8, 9, 10, 11, 12]
        assert (await ada.ask(History(room=room, around="nowhere"), Error)).code == "no_such_message"
