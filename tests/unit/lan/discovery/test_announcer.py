"""What is announced, and how often."""

import math

import pytest

from lanchat.lan.discovery.announcer import UPDATE_EVERY, Announcer
from lanchat.lan.discovery.records import Advert, Service
from lanchat.limits import TokenRate
from lanchat.protocol import NodeInfo

NODE = NodeInfo(id="0" * 32, name="Desk")
PLENTY = TokenRate(100, 100)
GENERAL = Advert("a" * 32, "general", 1)


class Responder:
    def __init__(self) -> None:
        self.done: list[str] = []

    async def announce(self, service: Service) -> None:
        self.done.append(f"+{service.label} {service.txt['m']} {service.port}")

    async def withdraw(self, label: str) -> None:
        self.done.append(f"-{label}")

    def take(self) -> list[str]:
        done, self.done = self.done, []
        return done


async def test_differences_are_told_and_members_wait() -> None:
    now = 100.0
    responder, announcer = Responder(), Announcer(NODE, lambda: now, PLENTY)
    announcer.want([GENERAL])
    assert await announcer.announce(responder, 7_000) == math.inf
    assert responder.take() == ["+general (aaaaaa) 1 7000"]
    assert await announcer.announce(responder, 7_000) == math.inf
    assert responder.take() == []

    now += 2
    announcer.want([Advert(GENERAL.id, "general", 2), Advert("b" * 32, "other", 0)])
    assert await announcer.announce(responder, 7_000) == UPDATE_EVERY - 2
    assert responder.take() == ["+other (bbbbbb) 0 7000"]
    now += 3
    announcer.want([Advert(GENERAL.id, "general", 3), Advert("b" * 32, "other", 0)])
    assert await announcer.announce(responder, 7_000) == math.inf
    assert responder.take() == ["+general (aaaaaa) 3 7000"]

    announcer.want([Advert(GENERAL.id, "General", 3)])
    assert await announcer.announce(responder, 7_000) == math.inf
    assert responder.take() == ["-general (aaaaaa)", "-other (bbbbbb)", "+General (aaaaaa) 3 7000"]
    announcer.want([])
    await announcer.announce(responder, 7_000)
    assert responder.take() == ["-General (aaaaaa)"]


async def test_a_count_that_goes_back_is_not_told() -> None:
    responder, announcer = Responder(), Announcer(NODE, lambda: 1.0, PLENTY)
    announcer.want([GENERAL])
    await announcer.announce(responder, 7_000)
    announcer.want([Advert(GENERAL.id, "general", 2)])
    assert await announcer.announce(responder, 7_000) == UPDATE_EVERY
    announcer.want([GENERAL])
    assert await announcer.announce(responder, 7_000) == math.inf
    assert len(responder.take()) == 1


async def test_many_changes_at_once_are_told_one_after_the_other() -> None:
    now = 10.0
    responder, announcer = Responder(), Announcer(NODE, lambda: now, TokenRate(2, 4))
    many = [Advert(f"{number:032x}", f"room {number}", 0) for number in range(6)]
    announcer.want(many)
    assert await announcer.announce(responder, 7_000) == pytest.approx(0.5)
    assert len(responder.done) == 4
    now += 1
    assert await announcer.announce(responder, 7_000) == math.inf
    assert len(responder.done) == 6
    announcer.want(many[3:])
    assert await announcer.announce(responder, 7_000) == pytest.approx(0.5)
    for _ in range(3):
        now += 0.5
        await announcer.announce(responder, 7_000)
    assert len(responder.done) == 9
    assert await announcer.announce(responder, 7_000) == math.inf
