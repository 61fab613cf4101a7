"""People of two real nodes: who is there, who writes, and what reaches somebody wherever they are."""

from pathlib import Path

import pytest

from lanchat.protocol import (
    Announce,
    Author,
    Invite,
    Notification,
    Presence,
    Rename,
    RoomRef,
    Typing,
)
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window
from tests.support.faults import Wire, cut
from tests.support.lan.links import config, fill, mirror, online, port, same_history

pytestmark = pytest.mark.usefixtures("impatient")


def nicks(presence: Presence) -> list[str]:
    return sorted(member.nick for member in presence.members)


async def test_people_are_seen_across_a_link(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as near, window(far) as away:
        await near.enter("shared")
        await away.enter("shared")
        await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == ["Far"])
        await away.hear(Presence, lambda said: said.node == home.node.info and nicks(said) == ["Home"])
        async with guest(far, "Ada") as ada:
            await ada.enter("shared")
            await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == ["Ada", "Far"])
            await ada.tell(Rename(nick="Bea"))
            await near.hear(Presence, lambda said: nicks(said) == ["Bea", "Far"])
            await near.tell(Typing(room=room.id))
            assert (await ada.hear(Typing)).author == home.node.me
            await ada.tell(Typing(room=room.id))
            await near.hear(Typing, lambda typing: typing.author == Author(id=ada.me.id, nick="Bea"))
        await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == ["Far"])
        assert room.info.members == home.node.rooms.get(room.id).info.members == 2


async def test_own_typing_does_not_come_back(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as near, window(far) as away, guest(far, "Ada") as ada:
        for client in (near, away, ada):
            await client.enter("shared")
        await online(room)
        await away.tell(Typing(room=room.id))
        await near.hear(Typing)
        await ada.hear(Typing)
        await near.say(room.id, "after that")
        await ada.said(room.id, 1)
        await ada.heard_nothing(Typing, room.id)


async def test_who_is_beyond_a_broken_link_is_not_shown(home: Server, far: Server) -> None:
    async with Wire(port(home)) as wire, window(home) as near, window(far) as away:
        room = await mirror(far, home, at=wire.port)
        await near.enter("shared")
        await away.enter("shared")
        await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == ["Far"])
        await away.hear(Presence, lambda said: said.node == home.node.info and nicks(said) == ["Home"])
        with cut(wire):
            await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == [])
            await away.hear(Presence, lambda said: said.node == home.node.info and nicks(said) == [])
            assert not room.info.online
        await near.hear(Presence, lambda said: said.node == far.node.info and nicks(said) == ["Far"])
        await away.hear(Presence, lambda said: said.node == home.node.info and nicks(said) == ["Home"])
        assert room.info.online


# Notifications --------------------------------------------------------------------------------------------------------


async def test_who_is_called_is_told_where_they_are(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as here, window(far) as away:
        await here.enter("shared")
        await online(room)
        said = "@Far are you there?"
        await here.say(room.id, said)
        told = await away.hear(Notification)
        assert (told.kind, told.text, told.room) == ("mention", said, RoomRef(id=room.id, name="shared"))
        assert told.nonce == f"nonce of {said}"
        await away.enter("shared")
        await away.say(room.id, "@home yes")
        assert (await here.hear(Notification)).nonce == "nonce of @home yes"


async def test_what_was_said_before_a_mirror_began_calls_nobody(home: Server, far: Server) -> None:
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 700, "@Far")
    async with window(far) as away:
        await mirror(far, home)
        await same_history(home, far, room.id, 700)
        await fill(home, room.id, 1, "now, @Far")
        assert (await away.hear(Notification)).text == "now, @Far"


async def test_invitations_go_both_ways(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    into = RoomRef(id="d" * 32, name="Desk")
    async with window(home) as here, guest(home, "Ada") as ada, window(far) as away:
        for client in (here, ada, away):
            await client.enter("shared")
        await here.hear(Presence, lambda presence: away.me in presence.members)
        await away.hear(Presence, lambda presence: ada.me in presence.members)
        await here.tell(Invite(room=room.id, to=away.me.id, into=into))
        told = await away.hear(Notification)
        assert (told.kind, told.author, told.room) == ("invitation", here.me, into)
        await away.tell(Invite(room=room.id, to=ada.me.id, into=into))
        assert (await ada.hear(Notification)).author == away.me
        await here.heard_nothing(Notification, room.id)


async def test_an_invitation_between_two_mirrors_goes_by_way_of_the_home(
    tmp_path: Path, home: Server, far: Server
) -> None:
    room = await mirror(far, home)
    into = RoomRef(id="d" * 32, name="Desk")
    async with serving(config(tmp_path, "third")) as third:
        await mirror(third, home)
        async with window(far) as one, window(third) as two, window(home) as here:
            for client in (one, two, here):
                await client.enter("shared")
            await one.hear(Presence, lambda presence: two.me in presence.members)
            await one.tell(Invite(room=room.id, to=two.me.id, into=into))
            assert (await two.hear(Notification)).author == one.me
            for client in (one, here):
                await client.heard_nothing(Notification, room.id)


async def test_what_is_announced_at_the_home_is_told_once_at_the_mirrors(home: Server, far: Server) -> None:
    rooms = [await mirror(far, home, name) for name in ("one", "two", "three")]
    async with window(home) as here, window(far) as away, guest(far) as visitor:
        for room in rooms:
            await online(room)
            await visitor.join(room.id)
        await here.tell(Announce(text="Lunch"))
        for client in (here, away, visitor):
            assert (await client.hear(Notification)).text == "Lunch"
        await here.tell(Announce(text="Is over"))
        assert (await away.hear(Notification)).text == "Is over"
        await away.tell(Announce(text="Here only"))
        assert (await visitor.hear(Notification, lambda told: told.text != "Is over")).text == "Here only"
        await here.hear(Notification)
        await here.heard_nothing(Notification, rooms[0].id)


async def test_what_is_announced_at_the_home_is_not_told_to_guests_of_other_rooms(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as here, window(far) as away, guest(far) as visitor:
        other = await visitor.enter("other")
        await online(room)
        await here.tell(Announce(text="Lunch"))
        assert (await away.hear(Notification)).text == "Lunch", "whose node it is opened that room"
        await visitor.heard_nothing(Notification, other)
