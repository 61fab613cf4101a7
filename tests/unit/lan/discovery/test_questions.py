"""What is asked of the network, and what is not because somebody else asks: without sockets, real packets."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from zeroconf import (  # type: ignore[attr-defined]
    DNSCache,
    DNSIncoming,
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    DNSService,
    Zeroconf,
)

from lanchat.lan.discovery import questions as module
from lanchat.lan.discovery.questions import Overhearing, Questions
from lanchat.lan.discovery.records import SERVICE
from tests.support.conditions import eventually

GENERAL, LOUNGE = f"general.{SERVICE}", f"lounge.{SERVICE}"
_IN, _PTR, _SRV = 1, 12, 33
_QU = 0x8000


class Wire:
    """What Questions uses of a Zeroconf: the memory is real, and what is sent is kept."""

    def __init__(self) -> None:
        self.cache = DNSCache()
        self.sent: list[DNSIncoming] = []

    def async_send(self, out: DNSOutgoing) -> None:
        self.sent += [DNSIncoming(packet) for packet in out.packets()]

    def knows(self, *instances: str, ttl: int = 4_500) -> None:
        self.cache.async_add_records([DNSPointer(SERVICE, _PTR, _IN, ttl, instance) for instance in instances])

    def answers(self, instance: str) -> None:
        """Let an instance say where it is, now."""
        self.cache.async_add_records([DNSService(instance, _SRV, _IN, 120, 0, 0, 7_000, "x.local.")])


class World:
    def __init__(self) -> None:
        self.wire = Wire()
        self.unanswered: list[str] = []
        self.questions = Questions(cast("Zeroconf", self.wire), self.unanswered.append)
        self.passed_on: list[bytes] = []
        self.ear = Overhearing(cast("asyncio.DatagramProtocol", self), self.questions._overheard)

    def datagram_received(self, data: bytes, _: object) -> None:
        self.passed_on.append(data)

    def somebody_asks(self, name: str, kind: int, *known: str, unicast: bool = False) -> None:
        out = DNSOutgoing(0)
        out.add_question(DNSQuestion(name, kind, _IN | (_QU if unicast else 0)))
        for instance in known:
            out.add_answer_at_time(DNSPointer(SERVICE, _PTR, _IN, 4_500, instance), 0)
        for packet in out.packets():
            self.ear.datagram_received(packet, ("10.0.0.9", 5353))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    world.questions.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SOON", 0.001)
    monkeypatch.setattr(module, "PATIENCE", -1.0)


async def test_who_asks_tells_what_it_knows(world: World) -> None:
    world.wire.knows(GENERAL)
    world.wire.knows(LOUNGE, ttl=0)  # it is about to be forgotten: whoever has it should say so
    world.questions.ask()
    await eventually(lambda: world.wire.sent)
    (packet,) = world.wire.sent
    assert [(question.name, question.type, question.unicast) for question in packet.questions] == [
        (SERVICE, _PTR, False)
    ]
    assert [answer.alias for answer in packet.answers() if isinstance(answer, DNSPointer)] == [GENERAL]


async def test_what_somebody_else_asks_is_not_asked_again(world: World) -> None:
    world.wire.knows(GENERAL, LOUNGE)
    world.somebody_asks(SERVICE, _PTR, GENERAL)
    world.questions.ask()
    await eventually(lambda: not world.questions._timers)
    assert world.wire.sent == []
    world.questions.ask(anyway=True)  # something is another way now than it was then
    await eventually(lambda: world.wire.sent)


async def test_who_has_just_asked_waits_however_often_there_is_a_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(50):
        world.questions.ask(anyway=True)
    await eventually(lambda: world.wire.sent)
    for _ in range(50):
        world.questions.ask(anyway=True)
    assert len(world.questions._timers) == 1
    world.questions.close()
    assert len(world.wire.sent) == 1
    monkeypatch.setattr(module, "BETWEEN", 0.0)
    world.questions._due = 0.0
    world.questions.ask(anyway=True)
    await eventually(lambda: len(world.wire.sent) == 2)


async def test_nobody_is_kept_quiet_for_good_by_questions_that_only_they_hear(world: World) -> None:
    for _ in range(module.MOST_SKIPPED):
        world.somebody_asks(SERVICE, _PTR)
        world.questions.ask()
        await eventually(lambda: not world.questions._timers)
    assert world.wire.sent == []
    world.somebody_asks(SERVICE, _PTR)
    world.questions.ask()
    await eventually(lambda: world.wire.sent)


async def test_who_hears_the_question_meanwhile_does_not_ask(world: World) -> None:
    world.questions.ask(anyway=True)
    world.somebody_asks(SERVICE, _PTR)
    await eventually(lambda: not world.questions._timers)
    assert world.wire.sent == []


@pytest.mark.parametrize("unicast", [False, True], ids=["knows more", "is answered alone"])
async def test_a_question_of_which_the_answer_is_not_for_us_does_not_count(world: World, unicast: bool) -> None:
    world.wire.knows(GENERAL)
    world.somebody_asks(SERVICE, _PTR)
    world.somebody_asks(SERVICE, _PTR, *(() if unicast else (GENERAL, LOUNGE)), unicast=unicast)
    if unicast:
        world.questions.heard = -module.FRESH
    world.questions.ask()
    await eventually(lambda: world.wire.sent)


async def test_who_does_not_answer_somebody_is_named_once(world: World) -> None:
    for _ in range(20):
        world.somebody_asks(GENERAL, _SRV)
    await eventually(lambda: world.unanswered)
    await eventually(lambda: not world.questions._timers)
    assert world.unanswered == [GENERAL]


async def test_who_answers_is_not_doubted(world: World) -> None:
    world.somebody_asks(GENERAL, _SRV)
    world.wire.answers(GENERAL)
    await eventually(lambda: not world.questions._timers)
    assert world.unanswered == []


async def test_nobody_asks_after_whom_somebody_has_just_asked_after(world: World) -> None:
    world.somebody_asks(GENERAL, _SRV)
    world.questions.wonder(GENERAL)
    assert world.wire.sent == []
    world.questions.wonder(LOUNGE)
    world.questions.wonder(LOUNGE)
    assert [question.name for packet in world.wire.sent for question in packet.questions] == [LOUNGE]


async def test_a_flood_of_questions_is_believed_at_a_pace_and_forgotten(world: World) -> None:
    for number in range(2 * module._MOST_NAMES):
        world.somebody_asks(f"room {number}.{SERVICE}", _SRV)
    assert len(world.questions._named) == module._MOST_NAMES
    await eventually(lambda: not world.questions._timers)
    assert 32 <= len(world.unanswered) < 2 * 32 + 10


async def test_what_is_no_question_of_ours_is_only_passed_on(world: World) -> None:
    response = DNSOutgoing(0x8400)
    response.add_answer_at_time(DNSPointer(SERVICE, _PTR, _IN, 4_500, GENERAL), 0)
    other = DNSOutgoing(0)
    other.add_question(DNSQuestion("_http._tcp.local.", _PTR, _IN))
    packets = [*response.packets(), *other.packets(), b"", b"\0", b"\x08_lanchat\x04_tcp", b"\0" * 12_000]
    for packet in packets:
        world.ear.datagram_received(packet, ("10.0.0.9", 5353))
    assert world.passed_on == packets
    assert world.questions._named == {}
