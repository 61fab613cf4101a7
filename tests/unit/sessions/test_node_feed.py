"""What a client is told of the whole node, whatever rooms it follows."""

import json
from collections.abc import AsyncIterator

import pytest

from lanchat.config import Config
from lanchat.protocol import (
    VERSION,
    Author,
    Hello,
    Notification,
    Open,
    Presence,
    Rename,
    RoomList,
    Welcome,
    Whereabouts,
    You,
)
from lanchat.sessions.context import NO_KEY, OWNERS
from lanchat.sessions.hub import Hub, Listener
from lanchat.web import server as server_module
from lanchat.web.server import Server
from tests.support.clients import connected, guest, nicks, running, serving, window


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_a_window_is_told_the_news_once_after_the_list_of_rooms(server: Server) -> None:
    server.node.startup_notices.add(server.node.me, "It was damaged.")
    hello = Hello(version=VERSION, client="window", token=running(server.node.config.data_dir).key)
    for expected in (["welcome", "memberships", "rooms", "notification"], ["welcome", "memberships", "rooms"]):
        async with connected(server.window_url) as client:
            await client.tell(hello)
            await client.tell(Open(name="tea"))
            heard = list[str]()
            while "opened" not in heard:
                heard.append(json.loads(await client.socket.receive_str(timeout=5))["type"])
            assert heard[: len(expected)] == expected
            assert ("notification" in heard) == ("notification" in expected)


async def test_windows_and_guests_hear_of_new_rooms(server: Server) -> None:
    async with window(server) as win, guest(server) as ada:
        await ada.open("brand new")
        for client in (win, ada):
            await client.hear(RoomList, lambda rooms: "brand new" in [room.name for room in rooms.rooms])


async def test_a_window_is_told_where_others_join_when_that_is_another_place(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with window(server) as win, guest(server) as ada:
        room = await win.enter("lobby")
        await ada.enter("lobby")
        server.node._moved()  # the system said something, and the address is the same
        monkeypatch.setattr(server_module, "lan_address", lambda bind: "192.0.2.7")
        server.node._moved()
        server.node._moved()
        port = server.lan_url.rpartition(":")[2]
        assert await win.hear(Whereabouts) == Whereabouts(address=f"http://192.0.2.7:{port}")
        assert running(server.node.config.data_dir).lan == server.lan_url
        for client in (win, ada):
            await client.settled(room)
            assert not [frame for frame in client.passed if isinstance(frame, Whereabouts)]


async def test_the_owners_new_name_reaches_every_window_and_stays(server: Server) -> None:
    async with window(server) as one, window(server) as two, guest(server, "Ada") as ada:
        for client in (one, two, ada):
            await client.enter("owner")
        await one.tell(Rename(nick="Boss"))
        for client in (one, two):
            assert (await client.hear(You)).you == Author(id=server.node.me.id, nick="Boss")
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Boss"])
        assert (await server.node.journal.settings())["nick"] == "Boss"


async def test_who_is_called_hears_of_it_in_any_room(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada L") as ada, guest(server, "Bob") as bob:
        room = await win.enter("kitchen")
        await ada.enter("elsewhere")
        await win.say(room, "hi @ada l, soup?")
        told = await ada.hear(Notification)
        event = (await win.said(room, 1))[0]
        assert told.room is not None
        assert (told.kind, told.author, told.text, told.at) == ("mention", win.me, "hi @ada l, soup?", event.at)
        assert (told.room.id, told.room.name, told.nonce) == (room, "kitchen", event.nonce)
        await bob.heard_nothing(Notification, room)
        await win.heard_nothing(Notification, room)


async def test_who_has_a_new_name_is_called_by_it(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada:
        room = await win.enter("kitchen")
        await ada.ask(Rename(nick="Countess"), You)
        await win.say(room, "@Ada")
        await win.say(room, "@Countess")
        assert (await ada.hear(Notification)).text == "@Countess"


async def test_every_window_of_a_person_is_told(server: Server) -> None:
    async with window(server) as one, window(server) as two, guest(server) as ada:
        room = await ada.enter("kitchen")
        await ada.say(room, f"@{one.me.nick}")
        assert await one.hear(Notification) == await two.hear(Notification)


async def test_a_window_that_is_signed_out_while_it_comes_in_is_closed_as_well(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = Hub.enter

    async def entering(hub: Hub, group: str, listener: Listener) -> None:
        if group == OWNERS:  # the word of it went out just before
            server._keys.local = "another one"
        await enter(hub, group, listener)

    monkeypatch.setattr(Hub, "enter", entering)
    hello = Hello(version=VERSION, client="window", token=running(server.node.config.data_dir).key)
    async with connected(server.window_url) as client:
        await client.ask(hello, Welcome)
        assert await client.end() == NO_KEY
