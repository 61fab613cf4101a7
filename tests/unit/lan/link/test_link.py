"""Two real nodes in one process: a mirror is complete, carries what is said home, and never gives up."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import aiohttp
import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import DiskFull, JournalFailed
from lanchat.identity import check_all, shown
from lanchat.journal import Draft, Retention, RoomRecord
from lanchat.lan.connection import dialling_context
from lanchat.lan.link import dialler
from lanchat.lan.link import link as link_module
from lanchat.lan.link.link import Link
from lanchat.lan.link.quota import Quota
from lanchat.limits import Limits
from lanchat.protocol import (
    Announce,
    Author,
    Body,
    Error,
    Event,
    History,
    Invite,
    Joined,
    NodeInfo,
    Notification,
    Page,
    Post,
    Presence,
    Rename,
    RoomList,
    RoomRef,
    StartOver,
    Typing,
    guest_id,
)
from lanchat.rooms import Mirror, Room
from lanchat.web.server import Server
from tests.support.between import between
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually
from tests.support.faults import Wire, cut, half_open, reset_after
from tests.support.lan.hostile import Frame, Say, hostile_home

EVE = Author(id=guest_id("eve"), nick="Eve")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links try again at once."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.1)


def config(tmp_path: Path, name: str, port: int = 0) -> Config:
    return Config(bind="127.0.0.1", port=port, window_port=0, data_dir=tmp_path / name, name=name, nick=name.title())


def port(server: Server) -> int:
    return int(server.lan_url.rstrip("/").rpartition(":")[2])


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "home")) as server:
        yield server


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(config(tmp_path, "far")) as server:
        yield server


async def mirror(far: Server, home: Server, name: str = "shared", *, at: int = 0, node: NodeInfo | None = None) -> Room:
    """Return `far` a mirror of a room of `home`, as if it had been found on the network.

    Args:
        far: the mirror's node.
        home: the room's home.
        name: of the room.
        at: port at which the home is said to be; its own when 0.
        node: who the home is said to be; itself when None.
    """
    room = await home.node.rooms.open(name)
    address = f"127.0.0.1:{at or port(home)}"
    return await found(far, RoomRecord(id=room.id, name=name, home=node or home.node.info, addresses=(address,)))


async def found(far: Server, record: RoomRecord) -> Room:
    """Let `far` find a room and enter it."""
    with patch.object(far.node.network, "find", lambda **_: record):
        return await far.node.rooms.enter(record.id)


def upstream(room: Room) -> Link:
    assert isinstance(room._role, Mirror)
    assert isinstance(room._role._upstream, Link)
    return room._role._upstream


async def online(room: Room) -> None:
    await eventually(lambda: upstream(room).online, what="the home answers")


async def offline(room: Room) -> None:
    await eventually(lambda: not upstream(room).online, what="the home does not answer")


async def fill(server: Server, room: str, count: int, text: str = "x") -> list[Event]:
    """Have a guest of this node say something in a room of it many times, at once."""
    journal, said = server.node.journal, server.node.owner.seal.said
    drafts = [
        said(Draft(room, f"fill {journal.top(room)} {number} {text[:9]}", EVE, Body(text=text)))
        for number in range(count)
    ]
    return [kept.event for kept in await asyncio.gather(*(journal.append(draft) for draft in drafts))]


async def as_it_leaves(server: Server, room: str) -> list[Event]:
    """What a node keeps of a room, signed."""
    return await server.node.owner.seal.all_leaving(await server.node.journal.after(room, 0, 10_000))


async def same_history(one: Server, two: Server, room: str, top: int) -> list[Event]:
    """Wait until both nodes keep the same events, rightly signed, and give them as people see them."""
    await eventually(lambda: one.node.journal.top(room) == two.node.journal.top(room) == top)
    signed, theirs = [await as_it_leaves(server, room) for server in (one, two)]
    assert signed == theirs
    await check_all(signed)
    events = [shown(event) for event in signed]
    assert [event.seq for event in events] == list(range(1, top + 1))
    assert len({event.nonce for event in events}) == top
    return events


# History --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1200])
async def test_the_whole_history_comes_along(home: Server, far: Server, count: int) -> None:
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, count)
    copy = await mirror(far, home)
    await online(copy)
    await same_history(home, far, room.id, count)
    assert (copy.info.kind, copy.info.node) == ("mirror", home.node.info)


async def test_a_history_of_large_events_comes_along(home: Server, far: Server) -> None:
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 60, "🍲" * 4000)
    await mirror(far, home)
    await same_history(home, far, room.id, 60)


async def test_a_history_with_large_edits_comes_along(home: Server, far: Server) -> None:
    room = await home.node.rooms.open("shared")
    said = await fill(home, room.id, 400)
    edits = [
        home.node.owner.seal.said(
            Draft(room.id, f"edit {event.seq}", event.author, Body(text="\x01" * 3_999, target=event.nonce), "edit")
        )
        for event in said
    ]
    await asyncio.gather(*(home.node.journal.append(edit) for edit in edits))
    mine = await mirror(far, home)
    await eventually(lambda: mine.top == 800)


async def test_a_mirror_takes_what_it_may_and_then_says_that_it_is_full(tmp_path: Path, home: Server) -> None:
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 1200)
    few = msgspec.structs.replace(config(tmp_path, "small"), limits=Limits(mirror_rows=900))
    async with serving(few) as far, window(far) as owner:
        copy = await mirror(far, home)
        told = await owner.hear(Notification, lambda notice: "'shared'" in notice.text)
        assert "has as much as it may take" in told.text
        await offline(copy)
        assert (copy.info.full, far.node.journal.top(room.id)) == (True, 500)
        listed = await owner.hear(RoomList, lambda rooms: any(each.full for each in rooms.rooms))
        assert [each.name for each in listed.rooms if each.full] == ["shared"]
        async with window(far) as another:
            assert (await another.hear(Notification)).text == told.text
        await far.node.journal.retain(room.id, Retention(count=10))
        await eventually(lambda: far.node.journal.top(room.id) == 1200, 10)
        assert not copy.info.full


async def test_history_comes_along_while_more_is_said(home: Server, far: Server) -> None:
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 600)
    await mirror(far, home)
    for _ in range(30):
        await fill(home, room.id, 10)
    await same_history(home, far, room.id, 900)


async def test_a_mirror_that_was_away_goes_on_where_it_stood(tmp_path: Path, home: Server) -> None:
    async with serving(config(tmp_path, "far")) as far:
        room = await mirror(far, home)
        await fill(home, room.id, 20)
        await same_history(home, far, room.id, 20)
    await fill(home, room.id, 700)
    async with serving(config(tmp_path, "far")) as far:
        await same_history(home, far, room.id, 720)


async def test_who_is_in_a_mirror_sees_how_far_a_long_history_is_and_goes_on_near_the_top(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile nothing of it passes by, what is there can be read, and the other rooms go on."""
    monkeypatch.setattr(link_module, "PROGRESS", 0.01)
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 3000)
    half_way, go_on = asyncio.Event(), asyncio.Event()
    keep = far.node.journal.mirror

    def keep_half(room: str, events: list[Event], oldest: int) -> asyncio.Future[None]:
        if events[0].seq <= 1500:
            return keep(room, events, oldest)

        async def later() -> None:
            half_way.set()
            await go_on.wait()
            await keep(room, events, oldest)

        return asyncio.ensure_future(later())

    monkeypatch.setattr(far.node.journal, "mirror", keep_half)
    async with window(far) as away:
        copy = await mirror(far, home)
        joined = await away.join(copy.id)
        await asyncio.wait_for(half_way.wait(), 60)

        def shown(rooms: RoomList) -> bool:
            return any((info.id, info.top, info.fetching) == (copy.id, 1500, 3000) for info in rooms.rooms)

        await away.hear(RoomList, shown)
        page = await away.ask(History(room=copy.id, before=1501), Page)
        assert page.events[-1].seq == 1500
        await away.say(copy.id, "meanwhile")
        other = await away.enter("another")
        await away.say(other, "here")
        await away.said(other, 1)
        go_on.set()
        again = await away.hear(Joined, lambda said: said.room == copy.id)
        assert joined.top <= 1500
        assert again.top >= 3000
        assert [event.seq for event in again.events] == list(range(again.top - 49, again.top + 1))
        await same_history(home, far, copy.id, 3001)
        await away.hear(RoomList, lambda rooms: all(info.fetching == 0 for info in rooms.rooms))


async def test_a_question_that_the_home_could_not_answer_is_asked_again(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.protocol.HEARTBEAT", 0.05)
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 600)
    asked = 0
    after = home.node.journal.after

    async def fail_once(room: str, seq: int, limit: int) -> list[Event]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise JournalFailed
        return await after(room, seq, limit)

    monkeypatch.setattr(home.node.journal, "after", fail_once)
    await mirror(far, home)
    await eventually(lambda: far.node.journal.top(room.id) == 600)
    assert asked >= 2


# Text -----------------------------------------------------------------------------------------------------------------


async def test_text_goes_both_ways_under_the_homes_numbers(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as near, window(far) as away:
        await near.enter("shared")
        assert await away.enter("shared") == room.id
        await online(room)
        await away.say(room.id, "from the mirror")
        (event,) = await away.said(room.id, 1)
        assert (event.seq, event.author) == (1, far.node.me)
        assert await near.said(room.id, 1) == [event]
        await near.say(room.id, "from the home")
        assert (await near.said(room.id, 1))[0] == (await away.said(room.id, 1))[0]
        await same_history(home, far, room.id, 2)
        assert await far.node.journal.outbox(room.id) == []


async def test_owners_and_guests_on_both_sides_are_who_they_are(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as near, window(far) as away, guest(home, "Ada") as ada, guest(far, "Bea") as bea:
        everybody = (near, away, ada, bea)
        for client in everybody:
            await client.enter("shared")
        await online(room)
        for number, client in enumerate(everybody):
            await client.say(room.id, f"said {number}")
            heard = [(await each.said(room.id, 1))[0] for each in everybody]
            assert {event.author for event in heard} == {client.me}
        events = await same_history(home, far, room.id, 4)
        kept = await far.node.journal.after(room.id, 0, 9)
        assert [event.voucher for event in kept] == ["", "", home.node.me.id, far.node.me.id]
        assert all(event.signature for event in kept)
        for client, other in ((ada, bea), (near, away)):
            mine = next(event for event in events if event.author == client.me)
            edit = Post(room=room.id, nonce=f"{client.me.id[:20]} edits", kind="edit", target=mine.nonce, text="new")
            await other.tell(msgspec.structs.replace(edit, nonce=f"not by {client.me.id[:20]}"))
            await other.hear(Error, lambda error: error.code == "not_yours")
            await client.tell(edit)
            await other.hear(Event, lambda event: event.kind == "edit" and event.body.text == "new")
        await same_history(home, far, room.id, 6)


async def test_many_on_both_sides_see_one_order(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(home) as near, window(far) as away, guest(far, "Ada") as ada:
        for client in (near, away, ada):
            await client.enter("shared")
        for number in range(60):
            for client, who in ((near, "near"), (away, "away"), (ada, "ada")):
                await client.say(room.id, f"{who} {number}")
        heard = [await client.said(room.id, 180) for client in (near, away, ada)]
        assert heard[0] == heard[1] == heard[2] == await same_history(home, far, room.id, 180)
        for who in ("near", "away", "ada"):
            mine = [event.body.text for event in heard[0] if event.body.text.startswith(f"{who} ")]
            assert mine == [f"{who} {number}" for number in range(60)]


async def test_a_nonce_that_the_mirror_knows_is_answered_without_the_home(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(far) as away:
        await away.enter("shared")
        await away.say(room.id, "once", "same")
        (event,) = await away.said(room.id, 1)
        await away.say(room.id, "twice", "same")
        assert await away.said(room.id, 1) == [event]
        await same_history(home, far, room.id, 1)


async def test_a_post_that_the_home_refuses_is_told_to_its_author(home: Server, far: Server) -> None:
    room = await mirror(far, home)
    async with window(far) as away:
        await away.enter("shared")
        await online(room)
        nameless = Author(id=away.me.id, nick="two\nlines")
        await room.post(Draft(room.id, "bad", nameless, Body(text="x")))
        error = await away.hear(Error)
        assert (error.code, error.nonce, error.room, error.retry) == ("invalid_nick", "bad", room.id, False)
        await waiting(far, room.id, 0)
        await away.say(room.id, "good")
        assert [event.seq for event in await away.said(room.id, 1)] == [1]


async def test_a_post_that_the_home_could_not_keep_now_goes_again(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await mirror(far, home)
    refused = asyncio.Event()

    def full(draft: Draft, **_: object) -> asyncio.Future[object]:
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        future.set_exception(DiskFull())
        refused.set()
        return future

    async with window(far) as away:
        await away.enter("shared")
        await online(room)
        with monkeypatch.context() as patch:
            patch.setattr(home.node.journal, "append", full)
            for number in range(5):
                await away.say(room.id, f"{number}")
            await asyncio.wait_for(refused.wait(), 60)
        assert [event.body.text for event in await away.said(room.id, 5)] == ["0", "1", "2", "3", "4"]
        await same_history(home, far, room.id, 5)
        await away.heard_nothing(Error, room.id)


async def waiting(server: Server, room: str, count: int) -> None:
    """Wait until so many drafts wait for the room's home."""

    async def there() -> bool:
        return len(await server.node.journal.outbox(room)) == count

    def check() -> bool | Awaitable[bool]:
        return there()

    await eventually(check)


# Interruptions --------------------------------------------------------------------------------------------------------


async def test_a_home_that_stops_and_starts_is_found_again(tmp_path: Path, far: Server) -> None:
    async with window(far) as away:
        async with serving(config(tmp_path, "home")) as home:
            at = port(home)
            room = await mirror(far, home)
            await away.enter("shared")
            await online(room)
            await away.say(room.id, "before")
            await away.said(room.id, 1)
        await offline(room)
        for number in range(10):
            await away.say(room.id, f"meanwhile {number}")
        assert (await away.ask(History(room=room.id, after=0), Page)).events[0].body.text == "before"
        await waiting(far, room.id, 10)
        async with serving(config(tmp_path, "home", at)) as home:
            events = await away.said(room.id, 10)
            assert [event.body.text for event in events] == [f"meanwhile {number}" for number in range(10)]
            await online(room)
            await same_history(home, far, room.id, 11)


async def test_what_waits_survives_a_restart_of_the_mirror(tmp_path: Path) -> None:
    async with serving(config(tmp_path, "home")) as home:
        at = port(home)
        async with serving(config(tmp_path, "far")) as far:
            room = await mirror(far, home)
            await online(room)
    async with serving(config(tmp_path, "far")) as far, window(far) as away:
        await away.enter("shared")
        await away.say(room.id, "typed alone")
        await waiting(far, room.id, 1)
    async with serving(config(tmp_path, "home", at)) as home, serving(config(tmp_path, "far")) as far:
        (event,) = await same_history(home, far, room.id, 1)
        assert (event.body.text, event.author) == ("typed alone", far.node.me)


async def test_a_cut_cable_delays_and_loses_nothing(home: Server, far: Server) -> None:
    async with Wire(port(home)) as wire, window(home) as near, window(far) as away:
        room = await mirror(far, home, at=wire.port)
        await near.enter("shared")
        await away.enter("shared")
        for turn in range(4):
            await online(room)
            for number in range(10):
                await away.say(room.id, f"away {turn}.{number}")
                await near.say(room.id, f"near {turn}.{number}")
            with cut(wire):
                await offline(room)
                for number in range(10):
                    await away.say(room.id, f"away, cut {turn}.{number}")
                    await near.say(room.id, f"near, cut {turn}.{number}")
        heard = await near.said(room.id, 160)
        assert heard == await away.said(room.id, 160) == await same_history(home, far, room.id, 160)
        mine = [event.body.text for event in heard if event.author == far.node.me]
        assert mine == sorted(mine, key=lambda text: (text.split()[-1].split(".")[0], "cut" in text))


@pytest.mark.parametrize("n_bytes", [100, 700, 1500, 4000, 9000])
async def test_a_connection_that_breaks_in_the_middle_loses_and_doubles_nothing(
    home: Server, far: Server, n_bytes: int
) -> None:
    async with Wire(port(home)) as wire, window(far) as away:
        room = await mirror(far, home, at=wire.port)
        await away.enter("shared")
        await online(room)
        with reset_after(wire, n_bytes):
            for number in range(40):
                await away.say(room.id, f"{number}")
            heard = await away.said(room.id, 40)
        assert [event.body.text for event in heard] == [f"{number}" for number in range(40)]
        await same_history(home, far, room.id, 40)


async def test_a_home_that_vanished_without_a_word_is_noticed(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.protocol.HEARTBEAT", 0.05)
    monkeypatch.setattr("lanchat.lan.connection.connection.SILENCE", 0.5)
    monkeypatch.setattr(dialler, "_DIAL", 0.5)
    async with Wire(port(home)) as wire, window(far) as away:
        room = await mirror(far, home, at=wire.port)
        await away.enter("shared")
        await online(room)
        with half_open(wire):
            await offline(room)
            await away.say(room.id, "meanwhile")
        await away.said(room.id, 1)
        await same_history(home, far, room.id, 1)


async def test_a_sender_that_cannot_read_its_outbox_begins_again(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.protocol.HEARTBEAT", 0.05)
    failed = asyncio.Event()
    outbox = far.node.journal.outbox

    async def fail_once(room: str, place: int = 0) -> list[tuple[int, Draft]]:
        if not failed.is_set():
            failed.set()
            raise JournalFailed
        return await outbox(room, place)

    monkeypatch.setattr(far.node.journal, "outbox", fail_once)
    room = await mirror(far, home)
    async with window(far) as away:
        await away.enter("shared")
        await asyncio.wait_for(failed.wait(), 60)
        await away.say(room.id, "in the end")
        await away.said(room.id, 1)


# People ---------------------------------------------------------------------------------------------------------------


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


# The wrong home -------------------------------------------------------------------------------------------------------


async def test_another_node_at_the_address_is_not_followed(
    home: Server, far: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    room = await home.node.rooms.open("shared")
    await fill(home, room.id, 3)
    copy = await mirror(far, home, node=NodeInfo(id="0" * 32, name="somebody else"))
    await eventually(lambda: copy.info.refused == "other_node")
    assert "Another machine answers" in caplog.text
    assert not copy.info.online
    assert far.node.journal.top(room.id) == 0


async def test_who_stands_in_between_is_told_nothing(home: Server, far: Server) -> None:
    """And by itself this would work: somebody who takes whoever answers is read."""
    async with between(port(home)) as middle:
        url = f"https://127.0.0.1:{middle.port}/api/node"
        async with aiohttp.ClientSession() as session, session.get(url, ssl=dialling_context()) as answer:
            assert (await answer.json())["node"]["id"] == home.node.info.id
        assert b"GET /api/node" in middle.read
        met = middle.met
        middle.read.clear()
        copy = await mirror(far, home, at=middle.port)
        await far.node.rooms.get(copy.id).post(Draft(copy.id, "secret nonce", far.node.me, Body(text="a secret")))
        await eventually(lambda: copy.info.refused == "other_node")
        await eventually(lambda: middle.met > met + 3)
        assert middle.read == b""
        assert home.node.journal.top(copy.id) == 0
        assert [draft.nonce for _, draft in await far.node.journal.outbox(copy.id)] == ["secret nonce"]
        await copy.remember_address(f"127.0.0.1:{port(home)}")
        upstream(copy).nudge()
        await eventually(lambda: home.node.journal.top(copy.id) == 1)
        assert (copy.info.refused, copy.info.online, bytes(middle.read)) == ("", True, b"")


async def test_a_stranger_who_advertises_the_home_and_its_room_gets_nothing(home: Server, far: Server) -> None:
    """The room is said to be at a hostile home, under the id of the absent one: not even a hello arrives there."""

    async def trick(say: Say, join: Frame) -> None: ...

    async with hostile_home(trick) as stranger:
        copy = await mirror(far, home, at=stranger.port)
        await copy.post(Draft(copy.id, "secret nonce", far.node.me, Body(text="a secret")))
        await eventually(lambda: copy.info.refused == "other_node")
        assert (stranger.commands, stranger.joins) == ([], 0)


@pytest.mark.parametrize("grown", [0, 1, 3, 5], ids=lambda grown: f"{grown} more")
async def test_a_home_with_another_history_is_never_merged_and_what_was_here_is_kept(
    tmp_path: Path, far: Server, grown: int
) -> None:
    """Whether its older database is behind this mirror or has grown past it: everybody sees what the home has."""
    async with serving(config(tmp_path, "home")) as home:
        at = port(home)
        room = await home.node.rooms.open("shared")
        await fill(home, room.id, 2)
    backup = (tmp_path / "home" / "lanchat.db").read_bytes()
    async with serving(config(tmp_path, "home", at)) as home:
        await fill(home, room.id, 3)
        copy = await mirror(far, home)
        await same_history(home, far, room.id, 5)
    await offline(copy)
    before = [event.nonce for event in await far.node.journal.after(room.id, 0, 500)]
    (tmp_path / "home" / "lanchat.db").write_bytes(backup)
    async with window(far) as away:
        await away.enter("shared")
        waiting = copy.post(far.node.owner.seal.said(Draft(room.id, "waits", EVE, Body(text="not lost"))))
        await waiting
        async with serving(config(tmp_path, "home", at)) as home:
            if grown:
                await fill(home, room.id, grown, "other")
            assert (await away.hear(StartOver)).room == room.id
            told = await away.hear(Notification)
            await eventually(lambda: home.node.journal.top(room.id) == 2 + grown + 1)
            await same_history(home, far, room.id, 2 + grown + 1)
            assert (await home.node.journal.after(room.id, 2 + grown, 1))[0].nonce == "waits"
    (kept,) = (tmp_path / "far" / "set-aside").iterdir()
    assert str(kept) in told.text
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["nonce"] for line in lines[1:-1]] == before


async def test_what_the_home_removed_meanwhile_takes_nothing_away_without_a_copy(
    tmp_path: Path, home: Server, far: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await mirror(far, home)
    await fill(home, room.id, 3)
    await same_history(home, far, room.id, 3)
    await online(room)

    async def lose(*_: object) -> None: ...

    with monkeypatch.context() as patch:
        patch.setattr(home.node.layer, "group_send", lose)
        await fill(home, room.id, 9)
    await home.node.journal.retain(room.id, Retention(count=1))
    await fill(home, room.id, 1)
    await eventually(lambda: far.node.journal.top(room.id) == 13)
    assert [event.seq for event in await far.node.journal.after(room.id, 0, 50)] == [12, 13]
    assert far.node.journal.oldest(room.id) == 12
    (kept,) = (tmp_path / "far" / "set-aside").iterdir()
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["seq"] for line in lines[1:-1]] == [1, 2, 3]
    senders = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == "Outflow.run"]
    assert len(senders) == 1, "an answer that comes again begins nothing again"


async def test_a_home_without_the_room_is_told_in_the_log(
    tmp_path: Path, home: Server, far: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    record = RoomRecord(id="gone" * 8, name="gone", home=home.node.info, addresses=(f"127.0.0.1:{port(home)}",))
    copy = await found(far, record)
    await eventually(lambda: "does not have this room" in caplog.text)
    assert not copy.info.online


# Terms ----------------------------------------------------------------------------------------------------------------


async def test_a_mirror_takes_the_higher_term_of_its_home_and_all_that_was_said_in_lower_ones(
    home: Server, far: Server
) -> None:
    copy = await mirror(far, home)
    await fill(home, copy.id, 2)
    await same_history(home, far, copy.id, 2)
    await home.node.rooms.continue_here(home.node.rooms.get(copy.id))
    await fill(home, copy.id, 2)
    await eventually(lambda: copy.term == 2, what="the mirror has taken the term")
    events = await same_history(home, far, copy.id, 4)
    assert [event.term for event in events] == [1, 1, 2, 2]
    assert not list(far.node.config.data_dir.glob("set-aside/*"))


async def test_what_a_mirror_cannot_keep_ends_the_connection_at_once_and_comes_again(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    copy = await mirror(far, home)
    await online(copy)
    keep = far.node.journal.mirror

    def fail(*_: object) -> asyncio.Future[None]:
        monkeypatch.setattr(far.node.journal, "mirror", keep)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(failed.set_exception, DiskFull())
        return failed

    monkeypatch.setattr(far.node.journal, "mirror", fail)
    await fill(home, copy.id, 1)
    await same_history(home, far, copy.id, 1)
    assert "The disk is full" in caplog.text


async def test_a_mirror_does_not_follow_a_home_whose_term_is_over(
    home: Server, far: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    async with linking(far, home, f"127.0.0.1:{port(home)}", term=2) as (link, room):
        await fill(home, room.id, 1)
        await eventually(lambda: "its term is over" in caplog.text)
        assert not link.online
        assert room.top == 0


# One link -------------------------------------------------------------------------------------------------------------


def lone_mirror(record: RoomRecord, far: Server, addresses: Callable[[], Sequence[str]]) -> Room:
    """A mirror that the node of `far` does not know."""
    node = far.node

    async def keep(room: Room) -> None: ...

    async def say(sentence: str) -> None: ...

    def cast(room: Room) -> Mirror:
        link = Link(
            room,
            node.info,
            node.journal,
            addresses,
            lambda: None,
            seal=node.owner.seal,
            certificate=node.keyring.node,
            access=node.access,
            notifications=node.notifications,
            doors=far.node.doors,
            set_aside=keep,
            quota=Quota(node.config.limits, node.journal, say),
        )
        return Mirror(room.id, node.journal, link)

    door = node.doors.add(record)
    return Room(record, node.info, node.journal, node.layer, cast, door=door)


@asynccontextmanager
async def linking(far: Server, home: Server, *addresses: str, term: int = 1) -> AsyncIterator[tuple[Link, Room]]:
    """One link by itself, to the addresses given."""
    room = await home.node.rooms.open("shared")
    record = RoomRecord(id=room.id, name="shared", home=home.node.info, term=term)
    await far.node.journal.put_room(record)
    copy = lone_mirror(record, far, lambda: addresses)
    try:
        yield upstream(copy), copy
    finally:
        await upstream(copy).close()


async def test_addresses_are_tried_in_turn_and_the_right_one_remembered(home: Server, far: Server) -> None:
    right = f"127.0.0.1:{port(home)}"
    async with linking(far, home, "127.0.0.1:1", f"127.0.0.1:{port(far)}", right) as (link, room):
        await eventually(lambda: link.online)
        await eventually(lambda: room.record.addresses == (right,))
        assert (await far.node.journal.rooms())[0].addresses == (right,)


async def test_a_nudge_ends_a_long_pause(home: Server, far: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 60.0)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 60.0)
    where: list[str] = []
    room = await home.node.rooms.open("shared")
    record = RoomRecord(id=room.id, name="shared", home=home.node.info)
    await far.node.journal.put_room(record)
    asked = asyncio.Event()

    def addresses() -> list[str]:
        asked.set()
        return where

    link = upstream(lone_mirror(record, far, addresses))
    try:
        await asyncio.wait_for(asked.wait(), 60)
        where.append(f"127.0.0.1:{port(home)}")

        def nudged() -> bool:
            link.nudge()
            return link.online

        await eventually(nudged)
    finally:
        await link.close()


async def test_a_surprise_in_a_link_is_logged_and_tried_again(
    home: Server, far: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0

    @asynccontextmanager
    async def surprise(*args: object, **kwargs: object) -> AsyncIterator[None]:
        nonlocal calls
        calls += 1
        raise RuntimeError("surprise")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(dialler, "dial", surprise)
        room = await mirror(far, home)
        await eventually(lambda: calls > 1)
    assert "RuntimeError: surprise" in caplog.text
    await online(room)


async def test_what_is_said_while_nobody_listens_is_dropped(home: Server, far: Server) -> None:
    async with linking(far, home) as (link, room):
        for _ in range(1000):
            link.send(Typing(room=room.id, author=EVE))
        assert len(link._outflow._passing) == 0
        assert not link.online


async def test_a_closed_link_leaves_no_task(home: Server, far: Server) -> None:
    before = asyncio.all_tasks()
    async with linking(far, home, f"127.0.0.1:{port(home)}") as (link, _):
        await eventually(lambda: link.online)
    await eventually(lambda: [task for task in asyncio.all_tasks() - before if "link" in task.get_name()] == [])
