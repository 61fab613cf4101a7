"""Two real nodes and what may happen between them: nothing is lost and nothing doubled."""

import asyncio
from pathlib import Path

import pytest

from lanchat.errors import JournalFailed
from lanchat.journal import Draft
from lanchat.lan.link import dialler
from lanchat.protocol import (
    History,
    Page,
)
from lanchat.web.server import Server
from tests.support.clients import serving, window
from tests.support.faults import Wire, cut, half_open, reset_after
from tests.support.lan.links import (
    config,
    mirror,
    offline,
    online,
    port,
    same_history,
    waiting,
)

pytestmark = pytest.mark.usefixtures("impatient")


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

    async def fail_once(room: str, place: int, most: int) -> list[tuple[int, Draft]]:
        if not failed.is_set():
            failed.set()
            raise JournalFailed
        return await outbox(room, place, most)

    monkeypatch.setattr(far.node.journal, "outbox", fail_once)
    room = await mirror(far, home)
    async with window(far) as away:
        await away.enter("shared")
        await asyncio.wait_for(failed.wait(), 60)
        await away.say(room.id, "in the end")
        await away.said(room.id, 1)
