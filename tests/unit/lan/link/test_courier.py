"""How frames about a room's voters come to another node, with one that is made for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from lanchat.errors import Unreachable
from lanchat.identity import NodeCertificate, check
from lanchat.lan.link import courier as module
from lanchat.lan.link.courier import Courier, sealed
from lanchat.protocol import Author, Done, LogEntry, Quorum, guest_id
from tests.support.conditions import eventually
from tests.support.identity import SEAL
from tests.support.rooms.said import HERE, THERE, event

STEP = Quorum(room="r1", step="seek", sender=f"here.{'0' * 16}", to=f"there.{'0' * 16}", port=1)
KEY = NodeCertificate.new()


class Other:
    """A node that takes what is brought, as long as it is there."""

    def __init__(self) -> None:
        self.there = True
        self.brought: list[Quorum] = []
        self.dialled: list[str] = []
        self.silent = False
        self.answers: asyncio.Queue[Done | None] = asyncio.Queue()

    @asynccontextmanager
    async def dial(self, url: str, *_: object, node: str, **__: object) -> AsyncIterator["Other"]:
        self.dialled.append(url)
        if not self.there or "192.0.2.5" not in url or node != THERE.id:
            raise Unreachable("Nobody is there.")
        yield self

    async def submit(self, frame: Quorum) -> None:
        self.brought.append(frame)
        if not self.silent:
            self.answers.put_nowait(Done())

    def __aiter__(self) -> "Other":
        return self

    async def __anext__(self) -> object:
        if (answer := await self.answers.get()) is None:
            raise StopAsyncIteration
        return answer

    def end(self) -> None:
        """End the connection."""
        self.answers.put_nowait(None)


@pytest.fixture
async def other(monkeypatch: pytest.MonkeyPatch) -> Other:
    made = Other()
    monkeypatch.setattr(module, "dial", made.dial)
    return made


@pytest.fixture
async def courier() -> AsyncIterator[Courier]:
    made = Courier("r1", THERE.id, me=HERE, seal=SEAL, certificate=KEY)
    made.addresses = ("192.0.2.9:1", "192.0.2.5:1")
    yield made
    await made.close()


async def test_what_is_sent_is_brought_over_one_connection_in_its_order(other: Other, courier: Courier) -> None:
    assert courier.idle
    for term in range(5):
        courier.send(replace(STEP, term=term))
    await eventually(lambda: len(other.brought) == 5)
    courier.send(replace(STEP, term=5))
    await eventually(lambda: len(other.brought) == 6)
    assert [frame.term for frame in other.brought] == list(range(6))
    assert other.dialled == ["https://192.0.2.9:1/", "https://192.0.2.5:1/"]


async def test_what_cannot_be_brought_is_dropped_and_the_next_frame_tries_anew(other: Other, courier: Courier) -> None:
    other.there = False
    courier.send(STEP)
    await eventually(lambda: courier.idle)
    other.there = True
    courier.send(replace(STEP, term=9))
    await eventually(lambda: other.brought)
    assert [frame.term for frame in other.brought] == [9]


async def test_a_link_local_address_is_dialled_with_its_zone(other: Other, courier: Courier) -> None:
    courier.addresses = ("[fe80::5%eth0]:1", "192.0.2.5:1")
    courier.send(STEP)
    await eventually(lambda: other.brought == [STEP])
    assert other.dialled == ["https://[fe80::5%eth0]:1/", "https://192.0.2.5:1/"]


async def test_a_connection_that_ends_is_made_again_when_there_is_something(other: Other, courier: Courier) -> None:
    courier.send(STEP)
    await eventually(lambda: other.brought)
    other.end()
    await eventually(lambda: courier.idle)
    courier.send(STEP)
    await eventually(lambda: len(other.brought) == 2)


async def test_a_connection_on_which_nobody_answers_is_given_up(
    other: Other, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT", 0.01)
    other.silent = True
    courier.send(STEP)
    await eventually(lambda: courier.idle)
    other.silent = False
    courier.send(STEP)
    await eventually(lambda: len(other.brought) == 2)


async def test_a_connection_without_use_is_ended(
    other: Other, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 0.01)
    courier.send(STEP)
    await eventually(lambda: courier.idle)
    assert len(other.brought) == 1


async def test_events_leave_signed() -> None:
    said = replace(event(1), author=Author(id=guest_id("eve"), nick="Eve"), voucher=SEAL.id)
    frame = replace(STEP, step="append", entries=[LogEntry(term=1), LogEntry(term=1, event=said)])
    plain, signed = (await sealed(frame, SEAL)).entries
    assert plain.event is None
    assert signed.event is not None
    check(signed.event)
    assert await sealed(STEP, SEAL) is STEP
