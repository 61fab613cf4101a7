"""What a client of protocol v1 does in rooms, against a real node over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Collection

import pytest

from lanchat.config import Config
from lanchat.protocol import (
    Author,
    Error,
    Event,
    Found,
    History,
    Invite,
    Join,
    Joined,
    Leave,
    Mark,
    Moved,
    NodeInfo,
    Notification,
    Page,
    Post,
    Presence,
    Read,
    Receipts,
    Rename,
    RoomList,
    RoomRef,
    Search,
    StartOver,
    Typing,
    You,
)
from lanchat.sessions.context import LISTENERS
from lanchat.sessions.hub import Listener
from lanchat.web.server import Server
from tests.support.clients import Client, guest, link, script, serving, window
from tests.support.conditions import eventually

ELSEWHERE = NodeInfo(id="e" * 32, name="elsewhere")


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


def nicks(presence: Presence) -> list[str]:
    return sorted(member.nick for member in presence.members)


def listeners(server: Server, group: str) -> Collection[Listener]:
    return server.node.hub._audiences[group]._listeners


async def test_a_room_that_was_not_joined_takes_nothing(server: Server) -> None:
    async with guest(server) as client:
        room = (await client.open("outside")).id
        for command in (
            Post(room=room, nonce="n", text="x"),
            History(room=room, after=0),
            Typing(room=room),
            Leave(room=room),
        ):
            error = await client.ask(command, Error)
            assert (error.code, error.room) == ("not_joined", room)
        assert server.node.rooms.get(room).top == 0


async def test_what_only_links_may_say_is_refused_from_guests(server: Server) -> None:
    async with guest(server, "Mallory") as mallory, guest(server, "Ada") as ada:
        room = await ada.enter("strict")
        await mallory.enter("strict")
        forged = Presence(room=room, node=server.node.info, members=[])
        assert (await mallory.ask(forged, Error)).code == "invalid_frame"
        await mallory.tell(Post(room=room, nonce="n", text="I am Ada", author=ada.me))
        assert (await ada.said(room, 1))[0].author == mallory.me
        await mallory.tell(Typing(room=room, author=ada.me, node="elsewhere"))
        typing = await ada.hear(Typing)
        assert (typing.author, typing.node) == (mallory.me, server.node.info.id)


async def test_members_are_counted_in_the_list(server: Server) -> None:
    async with window(server) as win:
        async with guest(server) as ada:
            await ada.enter("counted")
            await win.hear(RoomList, lambda rooms: [room.members for room in rooms.rooms] == [1])
        await win.hear(RoomList, lambda rooms: [room.members for room in rooms.rooms] == [0])


async def test_who_left_a_room_hears_no_more_of_it(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("left")
        await bob.enter("left")
        await bob.tell(Leave(room=room))
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada"])
        await ada.say(room, "gone?")
        await ada.said(room, 1)
        await bob.heard_nothing(Event, room)


async def test_who_is_in_a_room_that_gives_way_is_told_where_to_go(server: Server) -> None:
    rooms = server.node.rooms
    async with guest(server) as ada:
        room = await ada.enter("gives way")
        await rooms.get(room).move(await rooms.open("instead"))
        moved = await ada.hear(Moved)
        assert (moved.room, moved.to.name) == (room, "instead")


async def test_a_room_that_is_forgotten_harms_nobody_in_it(server: Server) -> None:
    rooms = server.node.rooms
    async with guest(server) as ada:
        room = await ada.enter("forgotten")
        await rooms.forget(rooms.get(room))
        error = await ada.ask(Post(room=room, nonce="n", text="x"), Error)
        assert (error.code, error.nonce) == ("no_such_room", "n")
        await ada.enter("another")


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


async def test_start_over_is_said_to_a_cursor_beyond_the_top(server: Server) -> None:
    async with guest(server) as ada:
        room = (await ada.open("younger")).id
        over = await ada.ask(Join(room=room, since=7), StartOver)
        assert (over.room, over.top) == (room, 0)
        assert (await ada.ask(Post(room=room, nonce="n", text="x"), Error)).code == "not_joined"
        assert (await ada.join(room)).top == 0
        await ada.say(room, "fine")
        await ada.said(room, 1)


async def test_pages_go_both_ways_and_echo_what_was_asked(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("pages")
        for number in range(1, 31):
            await ada.say(room, f"{number}")
        await ada.said(room, 30)
        back = await ada.ask(History(room=room, before=21, limit=10), Page)
        assert ([event.seq for event in back.events], back.before, back.after) == (list(range(11, 21)), 21, None)
        on = await ada.ask(History(room=room, after=25, limit=10), Page)
        assert ([event.seq for event in on.events], on.before, on.after) == (list(range(26, 31)), None, 25)
        assert (await ada.ask(History(room=room, before=1), Page)).events == []
        assert (await ada.ask(History(room=room, after=30), Page)).events == []
        assert [event.seq for event in (await ada.join(room, since=28)).events] == [29, 30]
        assert [event.seq for event in (await ada.join(room, limit=3)).events] == [28, 29, 30]
        assert (await ada.join(room, limit=0)).events == []


async def test_who_joins_twice_is_there_once(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("twice")
        await ada.join(room)
        await ada.say(room, "once")
        await ada.said(room, 1)
        await ada.heard_nothing(Event, room)
        assert len(server.node.rooms.get(room).presence) == 1


async def test_who_joins_learns_who_is_there_and_the_others_learn_of_them(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("people")
        assert nicks(await ada.hear(Presence)) == ["Ada"]
        async with guest(server, "Bob") as bob:
            await bob.enter("people")
            await bob.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Bob"])
            presence = await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Bob"])
            assert (presence.room, presence.node) == (room, server.node.info)
            await bob.tell(Leave(room=room))
            await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada"])


async def test_a_killed_connection_is_a_leave(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        await ada.enter("killed")
        await bob.enter("killed")
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Bob"])
        transport = bob.socket.get_extra_info("socket")
        assert transport is not None
        bob.socket._response.connection.transport.abort()  # type: ignore[union-attr]
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada"])


async def test_two_windows_of_one_person_are_one_person(server: Server) -> None:
    async with window(server) as one, window(server) as two, guest(server, "Ada") as ada:
        for client in (one, two, ada):
            await client.enter("windows")
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Tester"])
        await one.socket.close()
        await eventually(lambda: len(listeners(server, LISTENERS["window"])) == 1)
        assert len(next(iter(server.node.rooms)).presence) == 2


async def test_who_is_in_no_list_stays_out_of_it_under_a_new_name(server: Server) -> None:
    async with script(server) as bot, guest(server, "Ada") as ada:
        room = await bot.enter("unlisted")
        await ada.enter("unlisted")
        await bot.ask(Rename(nick="Robot"), You)
        assert len(server.node.rooms.get(room).presence) == 1


async def test_typing_is_passed_on_and_never_kept(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("typing")
        await bob.enter("typing")
        await ada.tell(Typing(room=room))
        typing = await bob.hear(Typing)
        assert (typing.room, typing.author, typing.node) == (room, ada.me, server.node.info.id)
        assert server.node.rooms.get(room).top == 0


async def test_a_link_speaks_for_its_people(server: Server) -> None:
    eve = Author(id="eve-eve-eve", nick="Eve")
    async with guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        async with link(server, ELSEWHERE) as far:
            await far.join(room)
            await far.tell(Presence(room=room, node=ELSEWHERE, members=[eve]))
            await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == ["Eve"])
            await far.tell(Post(room=room, nonce="n", text="from afar", author=eve))
            assert (await ada.said(room, 1))[0].author == eve
            await far.tell(Typing(room=room, author=eve, node=ELSEWHERE.id))
            assert (await ada.hear(Typing)).author == eve
        await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == [])


async def test_a_link_is_refused_what_it_may_not_say(server: Server) -> None:
    other = NodeInfo(id="f" * 32, name="other")
    async with link(server, ELSEWHERE) as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        nobody = Post(room=room, nonce="n", text="x")
        assert (await far.ask(nobody, Error)).nonce == "n"
        unnamed = Post(room=room, nonce="n", text="x", author=Author(id="eve-eve-eve", nick="two\nlines"))
        assert (await far.ask(unnamed, Error)).code == "invalid_nick"
        assert (await far.ask(Presence(room=room, node=other, members=[]), Error)).code == "invalid_frame"


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        (None, "invalid_frame"),
        (Author(id="short", nick="Eve"), "invalid_frame"),
        (Author(id="x" * 65, nick="Eve"), "invalid_frame"),
        (Author(id="eve-eve-eve", nick=""), "invalid_nick"),
        (Author(id="eve-eve-eve", nick="a\u202eb"), "invalid_nick"),
        ("the owner", "invalid_frame"),
    ],
)
async def test_a_link_speaks_for_nobody_who_cannot_be(server: Server, claimed: Author | str | None, code: str) -> None:
    author = server.node.me if isinstance(claimed, str) else claimed
    async with link(server, ELSEWHERE) as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        error = await far.ask(Post(room=room, nonce="n", text="x", author=author), Error)
        assert (error.code, error.nonce) == (code, "n")
        assert (await far.ask(Typing(room=room, author=author, node=ELSEWHERE.id), Error)).code == code
        if author is not None:
            said = Presence(room=room, node=ELSEWHERE, members=[author])
            assert (await far.ask(said, Error)).code == code
        assert len(server.node.rooms.get(room).presence) == 1


async def test_the_end_of_an_older_link_takes_nobody_away_from_a_newer(server: Server) -> None:
    eve = Author(id="eve-eve-eve", nick="Eve")
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE) as newer:
        room = await ada.enter("linked")
        said = Presence(room=room, node=ELSEWHERE, members=[eve])
        async with link(server, ELSEWHERE) as older:
            for one in (older, newer):
                await one.join(room)
                await one.tell(said)
                await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == ["Eve"])
        await eventually(lambda: len(listeners(server, f"room.{room}")) == 2)
        assert len(server.node.rooms.get(room).presence) == 2
        await newer.tell(Leave(room=room))
        await ada.hear(Presence, lambda presence: presence.node == ELSEWHERE and nicks(presence) == [])


async def test_a_link_that_renames_itself_is_nobody_in_the_room(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        async with link(server, ELSEWHERE) as far:
            await far.join(room)
            await far.ask(Rename(nick="Ghost"), You)
        assert len(server.node.rooms.get(room).presence) == 1


# Invitations ----------------------------------------------------------------------------------------------------------

DESK = RoomRef(id="d" * 32, name="Desk")


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
    other = NodeInfo(id="0" * 32, name="other")
    eve = Author(id="eve-eve-eve", nick="Eve")
    async with window(server) as win, link(server, ELSEWHERE) as far, link(server, other) as wrong:
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
    eve = Author(id="eve-eve-eve", nick="Eve")
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE) as far:
        room = await ada.enter("kitchen")
        await far.enter("kitchen")
        await far.tell(Invite(room=room, to=ada.me.id, into=DESK, author=eve))
        assert (await ada.hear(Notification)).author == eve
        assert (await far.ask(Invite(room=room, to=ada.me.id, into=DESK), Error)).code == "invalid_frame"
        await far.heard_nothing(Invite, room)


# What a message may claim ---------------------------------------------------------------------------------------------


async def test_readers_are_told_to_everybody_and_to_who_comes_later(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("receipts")
        await bob.enter("receipts")
        await ada.say(room, "one")
        await bob.said(room, 1)
        await bob.tell(Read(room=room, seq=1))
        assert (await ada.hear(Receipts)).read == [(1, 1)]
        await ada.tell(Read(room=room, seq=99))
        await bob.hear(Receipts, lambda receipts: receipts.read == [(1, 2)])
        async with guest(server, "Eve") as eve:
            await eve.enter("receipts")
            assert (await eve.hear(Receipts)).read == [(1, 2)]


async def test_a_link_says_how_far_its_own_node_is_and_never_too_far(server: Server) -> None:
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE) as far:
        room = await ada.enter("receipts")
        await far.join(room)
        await ada.say(room, "one")
        await ada.said(room, 1)
        await far.tell(Receipts(room=room, node=ELSEWHERE, kept=1000))
        assert (await ada.hear(Receipts)) == Receipts(room=room, node=ELSEWHERE, kept=1)
        await far.tell(Receipts(room=room, node=server.node.info, kept=1))
        assert (await far.hear(Error)).code == "invalid_frame"


async def test_a_link_reads_nothing_itself(server: Server) -> None:
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE) as far, script(server) as bot:
        room = await ada.enter("receipts")
        for client in (far, bot):
            await client.join(room)
            await client.tell(Read(room=room, seq=0))
            await client.tell(Read(room=room, seq=1))
        await ada.say(room, "one")
        await ada.said(room, 1)
        assert server.node.rooms.get(room).read_state.frames() == []


# Changes and search ---------------------------------------------------------------------------------------------------


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
        await ada.tell(History(room=room, around="nowhere"))
        assert (await ada.hear(Error)).code == "no_such_message"


async def test_a_cursor_of_another_history_is_told_to_start_over(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("forked")
        await ada.say(room, "one", "n1")
        [said] = await ada.said(room, 1)
        await ada.tell(Join(room=room, since=1, last=Mark("another", said.at)))
        assert await ada.hear(StartOver) == StartOver(room=room, top=1)
        assert (await ada.ask(Join(room=room, since=1, last=Mark("n1", said.at)), Joined)).events == []
