"""mDNS on loopback: sightings, changes, goodbyes, forgetting. Several hosts: tests/lab/scenarios."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from lanchat.lan.addresses import Reach, reach, read_links
from lanchat.lan.discovery.mdns import Mdns, Sighting
from lanchat.lan.discovery.records import SERVICE, Service
from tests.support.conditions import eventually


class Ear:
    """Hears one instance of its own; other programs may use loopback as well."""

    def __init__(self, where: Reach) -> None:
        self.service = Service(f"general ({uuid.uuid4().hex})", f"{uuid.uuid4().hex}.local.", 7_000, {"v": "1"})
        self.name = f"{self.service.label}.{SERVICE}"
        self.seen: list[Sighting] = []
        self.gone = 0
        self.mdns = Mdns(where, fenced=True, on_seen=self._see, on_gone=self._go)

    def _see(self, instance: str, sighting: Sighting) -> None:
        if instance == self.name:
            self.seen.append(sighting)

    def _go(self, instance: str) -> None:
        if instance == self.name:
            self.gone += 1


@pytest.fixture
def where() -> Reach:
    return reach(read_links(), "127.0.0.1")


@pytest.fixture
async def ear(where: Reach) -> AsyncIterator[Ear]:
    ear = Ear(where)
    await ear.mdns.open()
    yield ear
    await ear.mdns.close()


@pytest.fixture
async def mouth(where: Reach) -> AsyncIterator[Mdns]:
    mouth = Mdns(where, fenced=True, on_seen=lambda *_: None, on_gone=lambda _: None)
    await mouth.open()
    yield mouth
    await mouth.close()


async def test_seen_changed_gone(ear: Ear, mouth: Mdns) -> None:
    await mouth.announce(ear.service)
    await eventually(lambda: ear.seen)
    sighting = ear.seen[0]
    assert (sighting.port, sighting.addresses, sighting.txt) == (7_000, ["127.0.0.1"], {b"v": b"1"})

    await mouth.announce(ear.service)
    await mouth.announce(Service(ear.service.label, ear.service.server, 7_001, {"v": "2"}))
    await eventually(lambda: ear.seen[-1].port == 7_001)
    assert ear.seen[-1].txt == {b"v": b"2"}

    await mouth.withdraw(ear.service.label)
    await mouth.withdraw("never announced")
    await eventually(lambda: ear.gone)


async def test_what_cannot_be_announced_harms_nothing(ear: Ear, mouth: Mdns) -> None:
    await mouth.announce(Service("x" * 64, "a.local.", 7_000, {}))
    await mouth.announce(Service("long", "a.local.", 7_000, {"n": "x" * 300}))
    await mouth.announce(ear.service)
    await eventually(lambda: ear.seen)


async def test_forgotten_instance_is_new_again(ear: Ear, mouth: Mdns) -> None:
    await mouth.announce(ear.service)
    await eventually(lambda: ear.seen)
    ear.mdns.forget(ear.name)
    ear.mdns.forget("unknown." + SERVICE)
    assert ear.gone == 0
    ear.seen.clear()
    ear.mdns.browse()
    await eventually(lambda: ear.seen)


async def test_browsing_again_reports_what_is_known(ear: Ear, mouth: Mdns) -> None:
    await mouth.announce(ear.service)
    await eventually(lambda: ear.seen)
    ear.seen.clear()
    ear.mdns.browse()
    assert ear.seen


async def test_moving_away_and_back(ear: Ear, mouth: Mdns, where: Reach) -> None:
    await mouth.announce(ear.service)
    await eventually(lambda: ear.seen)
    await mouth.move(where)
    await mouth.move(Reach((), ()))
    await mouth.move(where)
    ear.seen.clear()
    ear.mdns.browse()
    await eventually(lambda: ear.seen)
    assert ear.seen[-1].addresses == ["127.0.0.1"]


async def test_what_the_listener_raises_is_kept_from_zeroconf(where: Reach, mouth: Mdns) -> None:
    calls = 0

    def broken(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise ValueError

    other = Mdns(where, fenced=True, on_seen=broken, on_gone=broken)
    await other.open()
    await mouth.announce(Service(uuid.uuid4().hex, "a.local.", 7_000, {}))
    await eventually(lambda: calls)
    await other.close()


async def test_closed_before_it_was_open(where: Reach) -> None:
    await Mdns(where, fenced=True, on_seen=lambda *_: None, on_gone=lambda _: None).close()


async def test_closed_while_it_opens(where: Reach) -> None:
    for turns in range(8):
        mdns = Mdns(where, fenced=True, on_seen=lambda *_: None, on_gone=lambda _: None)
        opening = asyncio.create_task(mdns.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await mdns.close()
