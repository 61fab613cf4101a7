"""Two real nodes in one process: a mirror is complete, however long and large the history is."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from lanchat.errors import JournalFailed
from lanchat.journal import Draft, Retention
from lanchat.lan.link import link as link_module
from lanchat.limits import Limits
from lanchat.protocol import (
    Body,
    Event,
    History,
    Joined,
    Notification,
    Page,
    RoomList,
)
from lanchat.web.server import Server
from tests.support.clients import serving, window
from tests.support.conditions import eventually
from tests.support.lan.links import (
    config,
    fill,
    mirror,
    offline,
    online,
    same_history,
)

pytestmark = pytest.mark.usefixtures("impatient")


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
