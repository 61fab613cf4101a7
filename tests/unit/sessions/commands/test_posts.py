"""Saying something and changing it, at a real node over a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lanchat.config import Config
from lanchat.protocol import (
    Body,
    Error,
    Event,
    History,
    Page,
    Post,
)
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving, window


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_what_is_said_reaches_everybody_with_number_nonce_and_author(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada:
        room = await win.enter("talk")
        await ada.enter("talk")
        await ada.say(room, "one", "n1")
        mine, theirs = (await ada.said(room, 1))[0], (await win.said(room, 1))[0]
        assert mine == theirs
        assert (mine.seq, mine.term, mine.nonce, mine.author, mine.body.text) == (1, 1, "n1", ada.me, "one")


async def test_a_repeated_nonce_is_answered_with_the_event_that_exists(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("again")
        await bob.enter("again")
        await ada.say(room, "once", "same")
        first = (await ada.said(room, 1))[0]
        await ada.say(room, "twice", "same")
        assert (await ada.said(room, 1))[0] == first
        await ada.say(room, "next", "other")
        assert [event.seq for event in await bob.said(room, 2)] == [1, 2]


async def test_posts_in_one_go_are_numbered_in_their_order(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("pipeline")
        await bob.enter("pipeline")
        for number in range(64):
            await ada.say(room, f"{number}")
        for client in (ada, bob):
            events = await client.said(room, 64)
            assert [event.seq for event in events] == list(range(1, 65))
            assert [event.body.text for event in events] == [str(number) for number in range(64)]


async def test_many_at_once_see_one_order(server: Server) -> None:
    async with guest(server) as one, guest(server) as two, guest(server) as three:
        clients = (one, two, three)
        rooms = [await client.enter("crowd") for client in clients]
        room = rooms[0]

        async def talk(client: Client, who: int) -> list[Event]:
            for number in range(40):
                await client.say(room, f"{who}.{number}")
            return await client.said(room, 120)

        heard = await asyncio.gather(*(talk(client, who) for who, client in enumerate(clients)))
        assert heard[0] == heard[1] == heard[2]
        assert [event.seq for event in heard[0]] == list(range(1, 121))


async def test_an_edit_reaches_everybody_and_a_later_page_brings_it_along(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("changes")
        await bob.enter("changes")
        await ada.say(room, "helo")
        await ada.tell(Post(room=room, nonce="e1", kind="edit", target="nonce of helo", text="hello"))
        await bob.tell(Post(room=room, nonce="r1", kind="reaction", target="nonce of helo", emoji="👍"))
        kinds = [event.kind for event in await bob.said(room, 3)]
        assert kinds == ["message", "edit", "reaction"]
        page = await bob.ask(History(room=room, before=2), Page)
        assert [(event.seq, event.body.text) for event in page.events] == [(1, "helo")]
        assert [(event.kind, event.body.target) for event in page.later] == [
            ("edit", "nonce of helo"),
            ("reaction", "nonce of helo"),
        ]


async def test_only_who_said_it_changes_it(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("changes")
        await bob.enter("changes")
        await ada.say(room, "mine")
        await bob.said(room, 1)
        for nonce, kind, target, code in (
            ("e1", "edit", "nonce of mine", "not_yours"),
            ("d1", "deletion", "nowhere", "no_such_message"),
        ):
            await bob.tell(Post(room=room, nonce=nonce, kind=kind, target=target, text="x" * (kind == "edit")))  # type: ignore[arg-type]
            refused = await bob.hear(Error)
            assert (refused.code, refused.nonce, refused.room) == (code, nonce, room)


async def test_what_means_nothing_in_a_post_is_not_kept(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("talk")
        await ada.tell(Post(room=room, nonce="n1", text="one", emoji="👍", off=True))
        await ada.tell(Post(room=room, nonce="n2", kind="edit", text="two", target="n1", emoji="👍", off=True))
        await ada.tell(Post(room=room, nonce="n3", kind="reaction", text="x" * 4000, target="n1", emoji="👍"))
        await ada.tell(Post(room=room, nonce="n4", kind="deletion", text="x" * 4000, target="n1", emoji="👍"))
        assert [event.body for event in await ada.said(room, 4)] == [
            Body(text="one"),
            Body(text="two", target="n1"),
            Body(target="n1", emoji="👍"),
            Body(target="n1"),
        ]
