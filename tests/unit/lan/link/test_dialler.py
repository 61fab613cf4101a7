"""How a link comes to its home, with a home that is made for tests. With a real one: test_link.py."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from lanchat.errors import NoSuchRoom, OtherNode, Unreachable
from lanchat.identity import NodeCertificate, is_owner
from lanchat.journal import Journal
from lanchat.lan.connection import Connection
from lanchat.lan.link import dialler as module
from lanchat.lan.link.dialler import Dialler
from lanchat.protocol import Hello, NodeInfo
from lanchat.rooms import Room
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.identity import SEAL
from tests.support.rooms.said import ELSEWHERE, HERE, THERE

KEY = NodeCertificate.new()


class Greeted(msgspec.Struct):
    node: NodeInfo


class Answering:
    """Who answers at which address."""

    def __init__(self) -> None:
        self.nodes: dict[str, NodeInfo] = {}
        self.tried: list[str] = []
        self.followed = 0
        self.changes = 0
        self.missing = 0

    @asynccontextmanager
    async def dial(
        self, url: str, hello: Hello, *, patience: float, node: str, certificate: NodeCertificate
    ) -> AsyncIterator[object]:
        assert (hello.client, hello.node, hello.room, certificate) == ("link", HERE, "m1", KEY)
        assert is_owner(hello.owner, HERE.id, hello.owner_signature)
        self.tried.append(url)
        if url not in self.nodes:
            raise Unreachable("Nobody is there.")
        if self.nodes[url].id != node:
            raise OtherNode
        connection = type("Made", (), {"welcome": Greeted(self.nodes[url])})()
        yield connection

    def change(self) -> None:
        self.changes += 1

    def miss(self) -> None:
        self.missing += 1

    async def follow(self, connection: Connection) -> None:
        self.followed += 1


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    answering = Answering()
    monkeypatch.setattr(module, "dial", answering.dial)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    return answering


@asynccontextmanager
async def dialling(mirror: Room, answering: Answering, *addresses: str) -> AsyncIterator[Dialler]:
    dialler = Dialler(
        mirror,
        HERE,
        lambda: addresses,
        answering.follow,
        seal=SEAL,
        certificate=KEY,
        on_change=answering.change,
        on_missing=answering.miss,
    )
    running = asyncio.create_task(dialler.run())
    yield dialler
    running.cancel()
    await asyncio.wait({running})


async def test_the_first_address_at_which_the_home_answers_is_followed_and_remembered(
    mirror: Room, published: Journal, answering: Answering
) -> None:
    answering.nodes = {"https://b:1/": ELSEWHERE, "https://c:1/": THERE}
    async with dialling(mirror, answering, "a:1", "b:1", "c:1"):
        await eventually(lambda: answering.followed > 0)
    assert answering.tried[:3] == ["https://a:1/", "https://b:1/", "https://c:1/"]
    assert mirror.record.addresses == ("c:1",)


async def test_it_tries_again_after_every_end_and_without_any_address(
    mirror: Room, answering: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "lanchat")
    async with dialling(mirror, answering):
        await eventually(lambda: caplog.text.count("Its address is not known") > 1)
    answering.nodes = {"https://c:1/": THERE}
    async with dialling(mirror, answering, "c:1"):
        await eventually(lambda: answering.followed > 2)


async def test_a_home_that_does_not_have_the_room_is_told_of_as_nobody_else_is(
    mirror: Room, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(connection: Connection) -> None:
        answering.followed += 1
        raise NoSuchRoom("It does not have this room any more.")

    async with dialling(mirror, answering, "c:1"):
        await eventually(lambda: len(answering.tried) > 1)
    assert answering.missing == 0
    monkeypatch.setattr(answering, "follow", gone)
    answering.nodes = {"https://c:1/": THERE}
    async with dialling(mirror, answering, "c:1"):
        await eventually(lambda: answering.missing > 1)


async def test_a_surprise_is_logged_and_tried_again(
    mirror: Room, answering: Answering, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def surprise(connection: Connection) -> None:
        answering.followed += 1
        raise RuntimeError("surprise")

    monkeypatch.setattr(answering, "follow", surprise)
    answering.nodes = {"https://c:1/": THERE}
    async with dialling(mirror, answering, "c:1"):
        await eventually(lambda: answering.followed > 1)
    assert "RuntimeError: surprise" in caplog.text


async def test_a_nudge_ends_a_long_pause(mirror: Room, answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 600.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 600.0)
    async with dialling(mirror, answering, "c:1") as dialler:
        await eventually(lambda: len(answering.tried) == 1)
        answering.nodes = {"https://c:1/": THERE}

        def nudged() -> bool:
            dialler.nudge()
            return answering.followed > 0

        await eventually(nudged)


async def test_a_connection_that_leads_nowhere_is_made_anew_at_once_and_so_is_one_that_is_waited_for(
    mirror: Room, answering: Answering, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 600.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 600.0)
    ended = 0

    async def stay(connection: Connection) -> None:
        nonlocal ended
        answering.followed += 1
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1

    monkeypatch.setattr(answering, "follow", stay)
    async with dialling(mirror, answering, "c:1") as dialler:
        await eventually(lambda: len(answering.tried) == 1)
        answering.nodes = {"https://c:1/": THERE}
        await asyncio.sleep(0)
        dialler.renew()
        await eventually(lambda: answering.followed == 1)
        for again in range(2, 8):  # more often than a stranger could
            dialler.renew()
            await eventually(lambda again=again: (answering.followed, ended) == (again, again - 1))  # type: ignore[misc]
    assert "failed" not in caplog.text


async def test_who_says_again_and_again_that_the_home_is_there_makes_nobody_dial_faster(
    mirror: Room, answering: Answering, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 3600)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 3600)
    async with dialling(mirror, answering, "c:1") as dialler:
        for tries in (1, 2, 3, 4, 4, 4, 4, 4):
            await eventually(lambda tries=tries: len(answering.tried) >= tries)  # type: ignore[misc]
            await asyncio.sleep(0)
            dialler.nudge()
        for _ in range(100):
            dialler.nudge()
            await asyncio.sleep(0)
        assert len(answering.tried) == 4
        clock.advance(60)
        dialler.nudge()
        await eventually(lambda: len(answering.tried) == 5)


async def test_another_machine_in_the_place_of_the_home_is_remembered_until_the_home_answers(
    mirror: Room, answering: Answering
) -> None:
    answering.nodes = {"https://b:1/": ELSEWHERE}
    async with dialling(mirror, answering, "a:1", "b:1") as dialler:
        await eventually(lambda: dialler.refused == "other_node")
        assert answering.changes == 1
        answering.nodes = {"https://b:1/": ELSEWHERE, "https://a:1/": THERE}
        await eventually(lambda: answering.followed > 0)
        assert (dialler.refused, answering.changes) == ("", 2)


async def test_where_nobody_answers_any_more_nobody_is_another(mirror: Room, answering: Answering) -> None:
    answering.nodes = {"https://b:1/": ELSEWHERE}
    async with dialling(mirror, answering, "b:1") as dialler:
        await eventually(lambda: dialler.refused == "other_node")
        answering.nodes = {}
        await eventually(lambda: dialler.refused == "")
    assert answering.followed == 0
