"""What answers in the place of a room's home, or is not what it was: nothing is said to it, and nothing merged."""

import asyncio
import json
import logging
from pathlib import Path

import aiohttp
import pytest

from lanchat.journal import Draft, Retention, RoomRecord
from lanchat.lan.connection import dialling_context
from lanchat.protocol import (
    Body,
    NodeInfo,
    Notification,
    StartOver,
)
from lanchat.web.server import Server
from tests.support.between import between
from tests.support.clients import serving, window
from tests.support.conditions import eventually
from tests.support.lan.hostile import Frame, Say, hostile_home
from tests.support.lan.links import (
    EVE,
    config,
    fill,
    found,
    mirror,
    offline,
    online,
    port,
    same_history,
    upstream,
)

pytestmark = pytest.mark.usefixtures("impatient")


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
        await copy.kept.remember_address(f"127.0.0.1:{port(home)}")
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
