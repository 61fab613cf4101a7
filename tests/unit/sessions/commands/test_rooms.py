"""Entering rooms and leaving them, at a real node over a real socket."""

from collections.abc import AsyncIterator, Awaitable, Collection
from pathlib import Path
from unittest.mock import patch

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.protocol import (
    Done,
    Error,
    Event,
    Forget,
    History,
    Join,
    Joined,
    Leave,
    Mark,
    Memberships,
    Moved,
    NodeInfo,
    Open,
    Opened,
    PolicyNotice,
    Post,
    Presence,
    RoomList,
    Rule,
    StartOver,
    Typing,
)
from lanchat.rooms import Room
from lanchat.sessions.context import LISTENERS
from lanchat.sessions.hub import Listener
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, guest, nicks, serving, window
from tests.support.conditions import eventually
from tests.support.rooms.doors import order, refused


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


def listeners(server: Server, group: str) -> Collection[Listener]:
    return server.node.hub._groups[group]._listeners


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


async def test_who_comes_to_a_room_that_gave_way_is_told_where_to_go(server: Server) -> None:
    rooms, there = server.node.rooms, RoomRecord(id="f" * 32, name="late", home=ELSEWHERE)
    async with guest(server) as ada:
        room = await ada.open("late")
        with patch.object(server.node.network, "find", lambda **_: there):
            await rooms.give_way(rooms.get(room.id), there.id)
        refused = await ada.ask(Join(room=room.id), Error)
        assert refused.code == "no_such_room"
        moved = await ada.hear(Moved)
        assert (moved.room, moved.to.id, moved.to.kind) == (room.id, there.id, "mirror")
        await ada.join(there.id)


async def test_a_room_that_is_forgotten_harms_nobody_in_it(server: Server) -> None:
    rooms = server.node.rooms
    async with guest(server) as ada:
        room = await ada.enter("forgotten")
        await rooms.forget(rooms.get(room))
        error = await ada.ask(Post(room=room, nonce="n", text="x"), Error)
        assert (error.code, error.nonce) == ("no_such_room", "n")
        await ada.enter("another")


async def test_the_owner_forgets_a_room_and_everybody_in_it_is_told(server: Server) -> None:
    async with window(server) as owner, guest(server, "Ada") as ada:
        room = await ada.enter("to be forgotten")
        await ada.say(room, "quokka")
        assert (await ada.ask(Forget(room=room), Error)).code == "not_owner"
        await owner.ask(Forget(room=room), Done)
        assert (await ada.hear(Error, lambda error: error.room == room)).code == "no_such_room"
        assert (await owner.ask(Forget(room=room), Error)).code == "no_such_room"
        assert server.node.journal.top(room) == 0


async def test_start_over_is_said_to_a_cursor_beyond_the_top(server: Server) -> None:
    async with guest(server) as ada:
        room = (await ada.open("younger")).id
        over = await ada.ask(Join(room=room, since=7), StartOver)
        assert (over.room, over.top) == (room, 0)
        assert (await ada.ask(Post(room=room, nonce="n", text="x"), Error)).code == "not_joined"
        assert (await ada.join(room)).top == 0
        await ada.say(room, "fine")
        await ada.said(room, 1)


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


async def test_a_cursor_of_another_history_is_told_to_start_over(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("forked")
        await ada.say(room, "one", "n1")
        [said] = await ada.said(room, 1)
        await ada.tell(Join(room=room, since=1, last=Mark("another", said.at)))
        assert await ada.hear(StartOver) == StartOver(room=room, top=1)
        assert (await ada.ask(Join(room=room, since=1, last=Mark("n1", said.at)), Joined)).events == []


async def test_rooms_are_found_by_name_and_id_and_names_are_case_sensitive(server: Server) -> None:
    async with guest(server) as client:
        lower, upper = await client.open("tea"), await client.open("Tea")
        assert lower.id != upper.id
        assert (await client.open("  tea ")).id == lower.id
        assert (await client.ask(Open(room=upper.id), Opened)).room.name == "Tea"
        assert (lower.kind, lower.node, lower.online) == ("home", server.node.info, True)


ABROAD = RoomRecord(id="c" * 32, name="abroad", home=NodeInfo(id="d" * 32, name="there"), addresses=("127.0.0.1:1",))


@pytest.mark.parametrize("command", [Open(room=ABROAD.id), Open(name="abroad"), Open(name="abroad", create=False)])
async def test_only_the_owner_brings_a_room_of_another_node_here(
    server: Server, monkeypatch: pytest.MonkeyPatch, command: Open
) -> None:
    monkeypatch.setattr(server.node.network, "find", lambda **_: ABROAD)
    async with guest(server) as client:
        refused = await client.ask(command, Error)
        assert (refused.code, "at another node" in refused.message) == ("not_owner", True)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.lan_url}ws/room/abroad") as lines:
        assert "at another node" in (await lines.receive_str())
    assert len(server.node.rooms) == 0
    async with window(server) as owner:
        assert (await owner.ask(command, Opened)).room.kind == "mirror"
    async with guest(server) as client:
        assert (await client.ask(command, Opened)).room.kind == "mirror", "it is here now"


# Renaming, topic and the end ------------------------------------------------------------------------------------------


async def test_a_room_that_is_renamed_is_found_by_its_new_name_also_after_a_restart(config: Config) -> None:
    async with serving(config) as server, window(server) as owner, guest(server) as ada:
        room = await owner.enter("gen")
        await ada.join(room)
        await order(owner, room, Rule(change="name", text="Garden 🌱"))
        await order(owner, room, Rule(change="topic", text="What grows"))
        await ada.hear(PolicyNotice, lambda policy: policy.topic == "What grows")
        await ada.hear(RoomList, lambda rooms: "Garden 🌱" in {info.name for info in rooms.rooms})
        assert (await ada.open("Garden 🌱")).id == room
        assert (await ada.open("gen")).id != room
    async with serving(config) as server, window(server) as owner:
        assert server.node.rooms.get(room).name == "Garden 🌱"
        assert "Garden 🌱" in {record.name for record in await server.node.journal.rooms()}
        await owner.join(room)
        assert (await owner.hear(PolicyNotice, lambda policy: policy.room == room)).topic == "What grows"


async def test_only_who_may_renames_or_deletes_and_to_what_a_room_may_be_called(server: Server) -> None:
    async with window(server) as owner, guest(server) as ada:
        room = await owner.enter("hall")
        await ada.join(room)
        for rule in (Rule(change="name", text="mine"), Rule(change="topic", text="x"), Rule(change="delete")):
            assert await refused(ada, room, rule) == "not_moderator"
        for name in ("", " hall", "x" * 41, "a\u202eb"):
            assert await refused(owner, room, Rule(change="name", text=name)) == "invalid_frame"
        for name in ("e\u0301", "a  b", "\u3164"):
            assert await refused(owner, room, Rule(change="name", text=name)) == "invalid_room_name"
        for topic in (" x", "x" * 201, "two\nlines", "e\u0301"):
            assert await refused(owner, room, Rule(change="topic", text=topic)) == "invalid_frame"
        assert await refused(owner, room, Rule(change="locked", text="x")) == "invalid_frame"
        assert server.node.rooms.get(room).name == "hall"


async def test_a_room_that_its_owner_deletes_is_gone_for_everybody(config: Config) -> None:
    async with serving(config) as server, window(server) as owner, guest(server) as ada:
        room = await owner.enter("hall")
        await ada.hear(Memberships)
        await ada.join(room)
        await ada.say(room, "words")
        await order(owner, room, Rule(change="delete"))
        for client in (owner, ada):
            await client.hear(Error, lambda error: (error.code, error.room) == ("room_deleted", room))
        await ada.hear(Memberships, lambda frame: frame.whole and not frame.rooms)
        assert (await ada.ask(Join(room=room), Error)).code == "room_deleted"
        assert await server.node.journal.after(room, 0, 9) == []
        assert (await ada.open("hall")).id != room
    async with serving(config) as server, guest(server) as ada:
        assert room not in server.node.rooms
        assert (await ada.ask(Join(room=room), Error)).code == "room_deleted"


@pytest.fixture
async def far(tmp_path: Path) -> Config:
    return Config(bind="127.0.0.1", port=0, window_port=0, data_dir=tmp_path / "far", name="far", nick="Far")


async def test_a_mirror_follows_a_renaming_and_the_end(server: Server, far: Config) -> None:
    async with window(server) as owner, serving(far) as other, window(other) as reader:
        room = await owner.enter("hall")
        copy = await mirror(other, server, room)
        await reader.join(room)
        await order(owner, room, Rule(change="name", text="Garden"))
        await eventually(lambda: copy.name == "Garden")
        await order(owner, room, Rule(change="delete"))
        await reader.hear(Error, lambda error: (error.code, error.room) == ("room_deleted", room))
        await eventually(lambda: room not in other.node.rooms)
        assert await other.node.journal.after(room, 0, 9) == []


async def test_a_mirror_that_was_away_deletes_its_copy_when_it_is_back(server: Server, far: Config) -> None:
    async with window(server) as owner:
        room = await owner.enter("hall")
        async with serving(far) as other:
            await mirror(other, server, room)
            await owner.say(room, "words")
            await eventually(lambda: other.node.rooms.get(room).top == 1)
        await order(owner, room, Rule(change="delete"))
        await eventually(lambda: room not in server.node.rooms)
        async with serving(far) as other:

            def rooms_left() -> bool | Awaitable[bool]:
                return nothing_kept(other)

            await eventually(rooms_left)
            assert await other.node.journal.after(room, 0, 9) == []
            assert room not in other.node.rooms


async def test_a_room_whose_end_was_not_carried_out_goes_at_the_next_start(config: Config) -> None:
    async with serving(config) as server, window(server) as owner:
        room = await owner.enter("hall")
        server.node.doors.graves.on_delete = lambda _: None  # as if the node were killed in between
        await order(owner, room, Rule(change="delete"))
        assert room in server.node.rooms
    async with serving(config) as server:
        await eventually(lambda: room not in server.node.rooms)


async def nothing_kept(server: Server) -> bool:
    return not await server.node.journal.rooms()


async def mirror(far: Server, home: Server, room: str) -> Room:
    """Return the mirror of a room at another node, as if it had been found on the network."""
    record = home.node.rooms.get(room).record
    port = home.lan_url.rstrip("/").rpartition(":")[2]
    found = RoomRecord(id=room, name=record.name, home=record.home, addresses=(f"127.0.0.1:{port}",))
    with patch.object(far.node.network, "find", lambda **_: found):
        return await far.node.rooms.enter(room)
