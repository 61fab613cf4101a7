"""Names, invitations and announcements, at a real node over a real socket."""

import pytest

from lanchat.protocol import (
    VERSION,
    Announce,
    Author,
    Error,
    Hello,
    Invite,
    Notification,
    Presence,
    Rename,
    RoomRef,
    Welcome,
    You,
    guest_id,
)
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import ELSEWHERE, connected, guest, link, nicks, running, script, window

DESK = RoomRef(id="d" * 32, name="Desk")


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


async def test_who_is_in_no_list_stays_out_of_it_under_a_new_name(server: Server) -> None:
    async with script(server) as bot, guest(server, "Ada") as ada:
        room = await bot.enter("unlisted")
        await ada.enter("unlisted")
        await bot.ask(Rename(nick="Robot"), You)
        assert len(server.node.rooms.get(room).presence) == 1


async def test_a_link_that_renames_itself_is_nobody_in_the_room(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        async with link(server, ELSEWHERE, "linked") as far:
            await far.join(room)
            await far.ask(Rename(nick="Ghost"), You)
        assert len(server.node.rooms.get(room).presence) == 1


async def test_an_invitation_reaches_the_person_and_nobody_else(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await win.enter("kitchen")
        await ada.enter("kitchen")
        await bob.enter("kitchen")
        await win.tell(Invite(room=room, to=ada.me.id, into=DESK))
        told = await ada.hear(Notification)
        assert (told.kind, told.author, told.room, told.text) == ("invitation", win.me, DESK, "")
        for client in (win, bob):
            await client.heard_nothing(Notification, room)
            await client.heard_nothing(Invite, room)


async def test_nobody_invites_in_the_name_of_another(server: Server) -> None:
    async with guest(server, "Mallory") as mallory, guest(server, "Ada") as ada:
        room = await mallory.enter("kitchen")
        await ada.enter("kitchen")
        await mallory.tell(Invite(room=room, to=ada.me.id, into=DESK, author=ada.me))
        assert (await ada.hear(Notification)).author == mallory.me


async def test_only_people_in_the_room_are_invited_by_people_in_the_room(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("kitchen")
        for command, code in (
            (Invite(room=room, to=bob.me.id, into=DESK), "invalid_frame"),
            (Invite(room=room, to=ada.me.id, into=RoomRef(id="d" * 32, name="\n")), "invalid_room_name"),
        ):
            assert (await ada.ask(command, Error)).code == code
        assert (await bob.ask(Invite(room=room, to=ada.me.id, into=DESK), Error)).code == "not_joined"
        await ada.heard_nothing(Notification, room)
        await bob.heard_nothing(Notification, room)


async def test_an_invitation_for_somebody_elsewhere_goes_over_the_link_that_sees_them(server: Server) -> None:
    other = certified("other")
    eve = Author(id=guest_id("eve"), nick="Eve")
    async with (
        window(server) as win,
        link(server, ELSEWHERE, "kitchen") as far,
        link(server, other, "kitchen") as wrong,
    ):
        room = await win.enter("kitchen")
        await far.enter("kitchen")
        await wrong.enter("kitchen")
        await far.tell(Presence(room=room, node=ELSEWHERE, members=[eve]))
        await win.hear(Presence, lambda presence: presence.node == ELSEWHERE)
        await win.tell(Invite(room=room, to=eve.id, into=DESK))
        assert await far.hear(Invite) == Invite(room=room, to=eve.id, into=DESK, author=win.me)
        for client in (win, wrong):
            await client.heard_nothing(Invite, room)


async def test_a_link_invites_for_its_people(server: Server) -> None:
    eve = Author(id=guest_id("eve"), nick="Eve")
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE, "kitchen") as far:
        room = await ada.enter("kitchen")
        await far.enter("kitchen")
        await far.tell(Presence(room=room, node=ELSEWHERE, members=[eve]))
        await far.tell(Invite(room=room, to=ada.me.id, into=DESK, author=eve))
        assert (await ada.hear(Notification)).author == eve
        assert (await far.ask(Invite(room=room, to=ada.me.id, into=DESK), Error)).code == "invalid_frame"
        await far.heard_nothing(Invite, room)


async def test_a_new_name_is_confirmed_shown_and_used(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("names")
        await bob.enter("names")
        you = await ada.ask(Rename(nick=" Ada  Lovelace "), You)
        assert you.you == Author(id=ada.me.id, nick="Ada Lovelace")
        await bob.hear(Presence, lambda presence: nicks(presence) == ["Ada Lovelace", "Bob"])
        await ada.say(room, "hello")
        assert (await bob.said(room, 1))[0].author == you.you


async def test_a_script_of_the_owner_can_rename_and_speaks_under_the_new_name(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with connected(server.window_url) as bot, window(server) as win:
        await bot.ask(Hello(version=VERSION, client="script", token=key), Welcome)
        room = await bot.enter("scripted")
        assert (await bot.ask(Rename(nick="Boss"), You)).you.nick == "Boss"
        assert (await win.hear(You)).you.nick == "Boss"
        await bot.say(room, "hello")
        assert (await bot.said(room, 1))[0].author.nick == "Boss"
        assert len(server.node.rooms.get(room).presence) == 0


async def test_the_owner_announces_to_everybody(server: Server) -> None:
    async with window(server) as win, guest(server) as ada, script(server) as bot:
        await ada.enter("elsewhere")
        await win.tell(Announce(text="Lunch is ready"))
        told = [await client.hear(Notification) for client in (win, ada, bot)]
        assert {(notice.kind, notice.author, notice.text) for notice in told} == {
            ("announcement", win.me, "Lunch is ready")
        }


async def test_nobody_else_announces(server: Server) -> None:
    async with (
        window(server) as win,
        guest(server) as ada,
        script(server) as bot,
        link(server, ELSEWHERE, "quiet") as far,
    ):
        for client in (ada, bot, far):
            assert (await client.ask(Announce(text="I am the owner"), Error)).code == "not_owner"
        await win.heard_nothing(Notification, await win.enter("quiet"))


async def test_an_announcement_reaches_links_of_rooms_at_home_only(server: Server) -> None:
    async with (
        window(server) as win,
        link(server, ELSEWHERE, "shared") as far,
        link(server, ELSEWHERE, "shared") as idle,
    ):
        room = await far.enter("shared")
        await win.tell(Announce(text="Lunch"))
        assert (await far.hear(Notification)).text == "Lunch"
        await idle.heard_nothing(Notification, room)
