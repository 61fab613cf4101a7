"""Two real nodes in one process: a mirror carries what is said home, follows its term, and never gives up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from lanchat.errors import DiskFull, JournalFailed
from lanchat.journal import Draft, RoomRecord
from lanchat.lan.link import dialler
from lanchat.lan.link.link import Link
from lanchat.lan.link.quota import Quota
from lanchat.protocol import (
    Author,
    Body,
    Error,
    Event,
    Post,
    Typing,
)
from lanchat.rooms import Mirror, Room
from lanchat.web.server import Server
from tests.support.clients import guest, window
from tests.support.conditions import eventually
from tests.support.lan.links import (
    EVE,
    fill,
    mirror,
    online,
    port,
    same_history,
    upstream,
    waiting,
)

pytestmark = pytest.mark.usefixtures("impatient")


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
        asyncio.get_running_loop().call_soon(failed.set_exception, JournalFailed("Broken for a moment."))
        return failed

    monkeypatch.setattr(far.node.journal, "mirror", fail)
    await fill(home, copy.id, 1)
    await same_history(home, far, copy.id, 1)
    assert "Broken for a moment." in caplog.text


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
