"""A whole node with a mirror whose home means no good: what it says ends the connection, and nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest

from lanchat.archive import set_aside
from lanchat.config import Config
from lanchat.identity import check
from lanchat.journal import Draft
from lanchat.lan.link import dialler
from lanchat.protocol import Author, Body, Notification
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually
from tests.support.identity import GUEST, MAX, OTHER_SEAL, SEAL
from tests.support.lan.hostile import NODE, ROOM, Frame, HostileHome, Say, event, hostile_home, joined


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links try again at once."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.05)


@pytest.fixture
async def far(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@asynccontextmanager
async def mirrored(far: Server, home: HostileHome) -> AsyncIterator[Room]:
    """A mirror at `far` of the room of that home."""
    with patch.object(far.node.network, "find", lambda **_: home.record):
        room = await far.node.rooms.enter(ROOM)
        try:
            yield room
        finally:
            await room._role.close()  # nobody dials any more while the home is closed


TRICKS: dict[str, list[Frame | str]] = {
    "a text of 1,000,000 characters": [joined(), event(body={"text": "x" * 1_000_000})],
    "a name of 100 KB with ESC": [joined(), event(author={"nick": "\x1b[2J\u202e" * 20_000})],
    "an event of another room": [joined(), event(room="other")],
    "a term that is never reached again": [joined(term=2**62)],
    "a number that no table takes": [joined(), event(2**62)],
    "no JSON": [joined(), "{" * 50_000],
    "an endless frame": [joined(), '{"type": "event", "room": "' + "x" * 20_000_000],
    "many events where one belongs": [joined(event(1), event(1, nonce="again"))],
    "events of a lower term": [joined(event(1, term=1), event(2, term=0))],
    "a nonce twice": [joined(event(1), event(2, nonce="n1"))],
}


@pytest.mark.parametrize("frames", TRICKS.values(), ids=TRICKS.keys())
async def test_a_trick_ends_the_connection_and_leaves_nothing(
    far: Server, frames: list[Frame | str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lanchat")

    async def trick(say: Say, _: Frame) -> None:
        for frame in frames:
            await say(frame)

    async with hostile_home(trick) as home, mirrored(far, home) as room:
        await eventually(lambda: home.joins >= 2, what="the link comes again")
        await far.node.rooms.forget(room)
        kept = await far.node.journal.after(ROOM, 0, 500)
    assert all(len(each.body.text) <= 4000 for each in kept)
    reasons = [record.getMessage() for record in caplog.records if "The home of room" in record.getMessage()]
    assert reasons
    assert all(reason.isprintable() and len(reason) < 400 for reason in reasons)
    assert not [record for record in caplog.records if record.name.startswith("lanchat") and record.exc_info]


KEY, GUESTS = {"id": OTHER_SEAL.id, "nick": "Max"}, {"id": GUEST.id, "nick": "Guest"}


def forged(author: Frame, *, voucher: str = "", signature: str = "", **more: Any) -> Frame:
    return event(author=author, signature=signature, voucher=voucher, **more)


def right(**more: Any) -> Frame:
    """What Max did say in this room, but for `more`."""
    said = OTHER_SEAL.said(Draft(ROOM, "n1", MAX, Body(text="text 1")))
    return event(author=KEY, signature=said.signature) | more


LIES: dict[str, list[Frame]] = {
    "a person with a key who has not signed": [forged(KEY)],
    "a signature that is none": [forged(KEY, signature="x" * 86)],
    "an endless signature": [forged(KEY, signature="x" * 100_000)],
    "what somebody said with another text": [right(body={"text": "text 2"})],
    "what somebody said under another nonce": [right(nonce="n9")],
    "what somebody said as an edit": [right(kind="edit", body={"text": "text 1", "target": "n0"})],
    "what somebody said under another name": [right(author=KEY | {"nick": "Ada"})],
    "what somebody said as somebody else": [right(author={"id": SEAL.id, "nick": "Max"})],
    "what somebody said as a guest": [right(author=GUESTS, voucher=OTHER_SEAL.id)],
    "what somebody said as nobody in particular": [right(author={"id": "mallory-mallory", "nick": "Mallory"})],
    "a guest for whom nobody vouches": [forged(GUESTS)],
    "a guest for whom somebody is said to vouch": [forged(GUESTS, voucher=OTHER_SEAL.id)],
    "a guest for whom a guest vouches": [forged(GUESTS, voucher=GUEST.id, signature="x" * 86)],
    "an edit of what somebody else said": [
        right(),
        event(2, kind="edit", body={"text": "forged", "target": "n1"}),
    ],
    "a deletion of what somebody else said": [right(), event(2, kind="deletion", body={"target": "n1"})],
    "an edit before what it is about": [
        event(1, nonce="e", kind="edit", body={"text": "x", "target": "n1"}),
        right(seq=2),
    ],
}


@pytest.mark.parametrize("in_page", [True, False], ids=["in a page", "as they come"])
@pytest.mark.parametrize("name", LIES)
async def test_a_home_says_nothing_in_the_name_of_others(
    far: Server, name: str, caplog: pytest.LogCaptureFixture, *, in_page: bool
) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    frames = LIES[name]

    async def trick(say: Say, _: Frame) -> None:
        for frame in [joined(*frames)] if in_page else [joined(), *frames]:
            await say(frame)

    async with hostile_home(trick) as home, mirrored(far, home) as room:
        await eventually(lambda: home.joins >= 2, what="the link comes again")
        kept = await far.node.journal.after(room.id, 0, 9)
    assert len(kept) == (0 if in_page else len(frames) - 1)
    assert "The home of room 'trap'" in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("lanchat") and record.exc_info]


async def test_what_was_said_rightly_is_kept_as_it_was_signed(far: Server) -> None:
    """Also under a name that this node would not allow, and what nobody can know."""
    odd = Author(id=OTHER_SEAL.id, nick="A\u202eda")
    said = OTHER_SEAL.said(Draft(ROOM, "n2", odd, Body(text="text 2")))

    async def trick(say: Say, _: Frame) -> None:
        second = event(2, author={"id": odd.id, "nick": odd.nick}, signature=said.signature)
        await say(joined(right(), second, event(3)))

    async with hostile_home(trick) as home, mirrored(far, home) as room, window(far) as win:
        await eventually(lambda: room.top == 3)
        kept = await far.node.journal.after(room.id, 0, 9)
        shown = (await win.join(room.id)).events
    for each in kept:
        check(each)
    assert kept[1].author == odd
    assert [(each.author.nick, each.signature) for each in shown] == [("Max", ""), ("A\ufffdda", ""), ("Mallory", "")]


async def test_nothing_is_kept_before_the_welcome(far: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Not one frame: 100,000 of them were 500 MB."""
    caplog.set_level(logging.INFO, "lanchat")

    async def trick(_: Say, __: Frame) -> None: ...

    before: list[Frame] = [{"type": "rooms", "rooms": []} for _ in range(10_000)]
    async with hostile_home(trick, before) as home, mirrored(far, home):
        await eventually(lambda: "before its welcome" in caplog.text)
        assert home.joins == 0


async def test_one_page_that_starts_at_oldest_erases_nothing_without_a_copy(far: Server, config: Config) -> None:
    taken = asyncio.Event()

    async def trick(say: Say, join: Frame) -> None:
        if "since" not in join:
            await say(joined(*(event(seq) for seq in range(1, 21))))
        await taken.wait()
        await say({"type": "page", "room": ROOM, "events": [event(1000)], "oldest": 1000})

    async with hostile_home(trick) as home, mirrored(far, home) as room:
        await eventually(lambda: room.top == 20)
        folder = config.data_dir / "set-aside"
        taken.set()

        def texts() -> list[int]:
            return [copy.read_text("utf-8").count('"text"') for copy in folder.glob("*.jsonl")]

        await eventually(lambda: texts() == [20])


async def test_a_history_that_starts_over_in_a_loop_is_set_aside_once(far: Server, config: Config) -> None:
    async def trick(say: Say, join: Frame) -> None:
        if join.get("since", 0) == 0:
            await say(joined(event(1), event(2)))
        await say({"type": "start_over", "room": ROOM, "top": 0})

    async with hostile_home(trick) as home, mirrored(far, home) as room:
        await eventually(lambda: home.joins >= 30, what="the home has tried often")
        assert len(list((config.data_dir / "set-aside").iterdir())) == 1
        assert room.top in {0, 2}
    assert set_aside.BETWEEN >= 3600


async def test_a_log_line_is_one_line_whatever_the_home_says(far: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lanchat")
    forged = "x\n2026-01-01 00:00:00,000 CRITICAL lanchat: all is lost"

    async def trick(say: Say, _: Frame) -> None:
        await say(joined())
        await say({"type": "error", "code": "disk_full\nforged", "message": forged, "retry": False})
        await say({"type": "error", "code": "disk_full", "message": forged, "retry": True, "nonce": "n\nforged"})

    async with hostile_home(trick) as home, mirrored(far, home):
        await eventually(lambda: home.joins >= 2)
    lines = [record.getMessage() for record in caplog.records]
    assert any("all is lost" in line for line in lines)
    assert all("\n" not in line for line in lines)


async def test_a_home_reaches_only_those_who_are_in_its_room(far: Server) -> None:
    person = {"id": "mallory-mallory", "nick": "Mallory"}

    async with window(far) as owner, guest(far) as inside, guest(far) as outside:
        told: dict[str, Any] = {"type": "notification", "kind": "announcement", "author": person, "at": 1}

        async def trick(say: Say, _: Frame) -> None:
            await say(joined())
            await eventually(lambda: len(room.presence) == 1)
            await say(told | {"text": "Send me your keys"})
            for to in (owner.me.id, inside.me.id, outside.me.id):
                into = {"id": "8" * 32, "name": "trap"}
                await say({"type": "invite", "room": ROOM, "to": to, "into": into, "author": person})

        other = await outside.enter("other")
        async with hostile_home(trick) as home, mirrored(far, home) as room:
            await inside.join(ROOM)
            await eventually(lambda: home.joins == 1)
            heard = [(await inside.hear(Notification)) for _ in range(2)]
            assert [notice.kind for notice in heard] == ["announcement", "invitation"]
            assert (await owner.hear(Notification)).kind == "announcement"
            await outside.heard_nothing(Notification, other)


async def test_other_rooms_go_on_while_a_home_says_more_than_anybody_reads(far: Server) -> None:
    typing = {
        "type": "typing",
        "room": ROOM,
        "node": NODE.id,
        "author": {"id": "mallory-mallory", "nick": "Mallory"},
    }

    async def trick(say: Say, _: Frame) -> None:
        await say(joined())
        for each in [typing] * 20_000:
            await say(each)

    async with hostile_home(trick) as home, mirrored(far, home), window(far) as here:
        room = await here.enter("kitchen")
        for number in map(str, range(20)):
            async with asyncio.timeout(2):
                await here.say(room, number)
                await here.said(room, 1)
