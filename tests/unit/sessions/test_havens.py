"""Where else guests come into a room. That pages go there is in tests/page/test_journey.py."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest

from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Haven, Havens, VoterInfo, decode_reply
from lanchat.rooms import Room
from lanchat.sessions import Hub, havens, keep_havens
from lanchat.sessions.havens import MOST_HAVENS, guests_of, havens_of, is_near
from tests.support.conditions import eventually


@pytest.mark.parametrize(
    "address",
    ["10.0.0.7:28280", "172.31.0.1:1024", "192.168.1.6:28281", "169.254.3.4:2000", "127.0.0.1:2000", "[fd00::7]:28280"],
)
def test_a_private_address_is_near(address: str) -> None:
    assert is_near(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "10.0.0.7",
        "10.0.0.7:80",
        "10.0.0.7:70000",
        "8.8.8.8:28280",
        "172.32.0.1:28280",
        "[2001:db8::1]:28280",
        "[fe80::1]:28280",
        "[fe80::1%eth0]:28280",
        "0.0.0.0:28280",
        "evil.example:28280",
        "[::ffff:8.8.8.8]:28280",
    ],
)
def test_no_guest_is_sent_anywhere_else(address: str) -> None:
    assert not is_near(address)


def voter(number: int, address: str = "") -> VoterInfo:
    return VoterInfo(voter=f"{number}.{'0' * 16}", name=f"n{number}", address=address or f"10.0.0.{number}:28280")


def room(*others: VoterInfo, guests: str = "on", elsewhere: Sequence[Haven] = ()) -> Room:
    door, seat = SimpleNamespace(policy=SimpleNamespace(guests=guests)), SimpleNamespace(others=list(others))
    made: Any = SimpleNamespace(id="r", name="R", group="room.r", door=door, seat=seat, elsewhere=elsewhere)
    return cast("Room", made)


def test_of_a_room_in_redis_they_are_told_of_the_nodes_there() -> None:
    near, far = Haven(name="bob", address="10.0.0.8:28280"), Haven(name="eve", address="evil.example:28280")
    shared = room(elsewhere=[near, far])
    shared.seat = None
    assert havens_of(shared).nodes == [near]
    assert havens_of(room(guests="off", elsewhere=[near])).nodes == []


def test_guests_are_told_of_near_voters_only_and_of_none_where_they_may_not_be() -> None:
    told = havens_of(room(voter(1), voter(2, "8.8.8.8:28280"), voter(3, "")))
    assert told == Havens(
        room="r", nodes=[Haven(name="n1", address="10.0.0.1:28280"), Haven(name="n3", address="10.0.0.3:28280")]
    )
    assert havens_of(room(voter(1), guests="off")).nodes == []
    assert len(havens_of(room(*(voter(number) for number in range(50)))).nodes) == MOST_HAVENS
    alone = room()
    alone.seat = None
    assert havens_of(alone).nodes == []


class Guest:
    """Hears what is for guests."""

    def __init__(self) -> None:
        self.heard: list[Havens] = []

    def on_message(self, message: Any) -> None:
        frame = decode_reply(message["frame"])
        assert isinstance(frame, Havens)
        self.heard.append(frame)


@asynccontextmanager
async def telling(*rooms: Room) -> AsyncIterator[Hub]:
    async with InMemoryChannelLayer() as layer:
        hub = Hub(layer)
        task = asyncio.create_task(keep_havens(rooms, hub, layer))
        with patch.object(havens, "LOOK", 0.0):
            yield hub
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await hub.close()


async def test_guests_are_told_when_it_changes_and_not_again() -> None:
    here = room(voter(1))
    seat = cast("Any", here.seat)
    with patch.object(havens, "LOOK", 0.0):
        async with telling(here) as hub:
            guest = Guest()
            await hub.enter(guests_of(here), guest)
            await eventually(lambda: len(guest.heard) == 1, what="they are told")
            seat.others = [voter(2)]
            await eventually(lambda: len(guest.heard) == 2, what="they are told anew")
            seat.others = []
            await eventually(lambda: len(guest.heard) == 3, what="nobody is left")
            await hub.leave(guests_of(here), guest)
    assert [[haven.name for haven in said.nodes] for said in guest.heard] == [["n1"], ["n2"], []]
