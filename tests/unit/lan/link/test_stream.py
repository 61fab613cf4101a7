"""What a mirror takes from its home: next events are kept, seen ones dropped, holes asked for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import apsw
import msgspec
import pytest

from lanchat.errors import InvalidFrame
from lanchat.journal import Journal, numbering
from lanchat.journal.transaction import Transaction
from lanchat.lan.connection.connection import Connection
from lanchat.lan.link.quota import Quota
from lanchat.lan.link.stream import Stream
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import FAR, Command, Event, Heartbeat, History, Joined, Page, StartOver
from lanchat.rooms.succession import OtherHistory
from tests.support.conditions import eventually
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import HERE, THERE, event, record


class Asked:
    """The way to the home: what is asked there is written down."""

    def __init__(self) -> None:
        self.said: list[Command] = []

    async def send(self, command: Command) -> None:
        self.said.append(command)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async def nobody(room: str, events: list[Event]) -> None: ...

    async with Journal(tmp_path / "lanchat.db", nobody) as journal:
        await journal.put_room(record("m1", home=THERE))
        yield journal


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def silent(sentence: str) -> None: ...


@pytest.fixture
def stream(journal: Journal, asked: Asked) -> Stream:
    room = mirror_of(record("m1", home=THERE), HERE, journal, InMemoryChannelLayer())
    return Stream(
        room, journal, cast("Connection", asked), lambda: None, lambda: None, Quota(Limits(), journal, silent)
    )


def events(first: int, last: int) -> list[Event]:
    return [event(seq, room="m1") for seq in range(first, last + 1)]


def after(seq: int) -> History:
    return History(room="m1", after=seq, limit=500)


async def kept(journal: Journal) -> list[int]:
    return [one.seq for one in await journal.after("m1", 0, 500)]


async def test_while_the_disk_is_full_the_home_is_only_heard_and_asked_again_after_a_heartbeat(
    stream: Stream, journal: Journal, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stream.take(events(1, 1)[0])
    await eventually(lambda: journal.top("m1") == 1)

    def full(transaction: Transaction, *_: object) -> None:
        raise apsw.FullError

    with monkeypatch.context() as patch:
        patch.setattr(numbering, "mirror", full)
        for one in events(2, 3):
            await stream.take(one)
        await eventually(lambda: stream.stalled == "disk_full")
        for one in events(4, 9):
            await stream.take(one)
        assert asked.said == []
        await stream.take(Heartbeat(tops={"m1": 9}))
        assert asked.said == [after(1)]
        await stream.take(Page(room="m1", events=events(2, 9), oldest=1))
        await asyncio.wait({cast("asyncio.Future[None]", stream._keeping)})
        assert stream.stalled == "disk_full"
    await stream.take(Heartbeat(tops={"m1": 9}))
    assert asked.said == [after(1)] * 2
    await stream.take(Page(room="m1", events=events(2, 9), oldest=1))
    await eventually(lambda: stream.stalled == "")
    assert await kept(journal) == list(range(1, 10))
    await stream.take(events(10, 10)[0])
    await eventually(lambda: journal.top("m1") == 10)


async def test_next_events_are_kept_and_seen_ones_dropped(stream: Stream, journal: Journal, asked: Asked) -> None:
    await stream.take(Joined(room="m1", term=1, top=2, events=events(1, 2)))
    await stream.take(event(3, room="m1"))
    await stream.take(event(2, room="m1"))
    await eventually(lambda: journal.top("m1") == 3)
    assert await kept(journal) == [1, 2, 3]
    assert asked.said == []


async def test_a_hole_is_asked_for_once_and_then_filled(stream: Stream, journal: Journal, asked: Asked) -> None:
    await stream.take(event(4, room="m1"))
    await stream.take(event(5, room="m1"))
    assert asked.said == [after(0)]
    await stream.take(Page(room="m1", events=events(1, 3)))
    assert asked.said == [after(0), after(3)]
    await stream.take(Page(room="m1", events=events(4, 5)))
    await eventually(lambda: journal.top("m1") == 5)
    assert await kept(journal) == [1, 2, 3, 4, 5]


async def test_a_heartbeat_asks_again(stream: Stream, asked: Asked) -> None:
    for _ in range(2):
        await stream.take(Heartbeat(tops={"m1": 3, "other": 9}))
    assert asked.said == [after(0), after(0)]


async def test_what_the_home_removed_is_no_hole(stream: Stream, journal: Journal, asked: Asked) -> None:
    await stream.take(Joined(room="m1", term=1, top=12, events=events(11, 12), oldest=11))
    await eventually(lambda: journal.top("m1") == 12)
    assert await kept(journal) == [11, 12]
    assert journal.oldest("m1") == 11
    assert asked.said == []


async def test_what_begins_above_the_oldest_is_a_hole_all_the_same(stream: Stream, asked: Asked) -> None:
    await stream.take(Joined(room="m1", term=1, top=12, events=events(11, 12), oldest=5))
    assert asked.said == [after(0)]


@pytest.mark.parametrize(
    "sent",
    [
        [event(1, room="m1", nonce="same"), event(2, room="m1", nonce="same")],
        [event(1, room="m1"), msgspec.structs.replace(event(2, room="m1"), term=2)],
    ],
    ids=["one nonce twice", "of a later term"],
)
async def test_events_that_cannot_be_kept_end_the_stream(stream: Stream, journal: Journal, sent: list[Event]) -> None:
    await stream.take(Page(room="m1", events=sent))

    async def failed() -> Any:
        try:
            await stream.take(Heartbeat(tops={}))
        except InvalidFrame:
            return True
        return False

    await eventually(failed)
    assert journal.top("m1") == 0


async def test_a_page_is_asked_for_when_the_one_before_is_on_the_disk(
    stream: Stream, journal: Journal, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stream.take(Heartbeat(tops={"m1": 5000}))
    slow: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with monkeypatch.context() as patch:
        patch.setattr(journal, "mirror", lambda *_: slow)
        taking = asyncio.ensure_future(stream.take(Page(room="m1", events=events(1, 500))))
        for _ in range(10):
            await asyncio.sleep(0)
    assert asked.said == [after(0)]
    slow.set_result(None)
    await taking
    assert asked.said == [after(0), after(500)]


async def test_a_page_that_cannot_be_kept_ends_the_stream(stream: Stream, asked: Asked) -> None:
    await stream.take(Heartbeat(tops={"m1": 5000}))
    twice = [event(1, room="m1", nonce="same"), event(2, room="m1", nonce="same")]
    with pytest.raises(InvalidFrame):
        await stream.take(Page(room="m1", events=twice))
    assert asked.said == [after(0)]


async def test_a_long_way_is_told_from_its_begin_to_its_end(stream: Stream) -> None:
    await stream.take(Heartbeat(tops={"m1": FAR}))
    told = [stream.fetching]
    await stream.take(Heartbeat(tops={"m1": FAR + 1}))
    told.append(stream.fetching)
    for first in range(1, FAR, 500):
        await stream.take(Page(room="m1", events=events(first, first + 499)))
        told.append(stream.fetching)
    await stream.take(event(FAR + 2, room="m1"))
    told.append(stream.fetching)
    await stream.take(Page(room="m1", events=events(FAR + 1, FAR + 2)))
    told.append(stream.fetching)
    assert told == [0, FAR + 1, FAR + 1, FAR + 1, FAR + 2, 0]


async def test_another_history_ends_the_stream(stream: Stream) -> None:
    with pytest.raises(OtherHistory):
        await stream.take(StartOver(room="m1", top=3))
