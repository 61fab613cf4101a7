import asyncio
import contextlib

import pytest

from lanchat.errors import TooManyReactions
from lanchat.journal import Journal, Refused
from lanchat.layers import InMemoryChannelLayer
from lanchat.limits import Limits
from lanchat.protocol import Policy, Quorum
from lanchat.rooms.house import RoomHouse, hand_over, keep_seats
from lanchat.rooms.roles import Home, Role
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.identity import MAX
from tests.support.rooms.members import FakeNetwork, FakeUpstream, Listener, mirror_of
from tests.support.rooms.said import ADA, ELSEWHERE, HERE, THERE, draft, record

ASKED = Quorum(room="m1", step="seek", sender=f"here.{'0' * 16}", to="", port=1)


class Seat:
    """Counts what is asked of a seat."""

    def __init__(self) -> None:
        self.ticks = 0
        self.voter: object = None
        self.handed: list[float] = []

    def tick(self) -> None:
        self.ticks += 1

    async def hand_over(self, within: float) -> None:
        self.handed.append(within)


@pytest.fixture
def upstream() -> FakeUpstream:
    return FakeUpstream()


@pytest.fixture
async def mirror(journal: Journal, layer: InMemoryChannelLayer, upstream: FakeUpstream) -> Room:
    await journal.put_room(record("m1", home=THERE))
    return mirror_of(record("m1", home=THERE), HERE, journal, layer, upstream)


def house(room: Room, network: FakeNetwork, journal: Journal) -> RoomHouse:
    def cast(room: Room) -> Role:
        return Home(journal, room.send_to_links)

    return RoomHouse(room, network, cast, lambda: None, Limits())


async def test_what_names_no_node_goes_home_and_else_to_the_node(mirror: Room, journal: Journal) -> None:
    network = FakeNetwork()
    house(mirror, network, journal).carry(ASKED, "", "")
    other = Quorum(room="m1", step="seek", sender=ASKED.sender, to=f"{ELSEWHERE.id}.{'0' * 16}", port=1)
    house(mirror, network, journal).carry(other, ELSEWHERE.id, "192.0.2.5:1")
    assert network.carried == [(THERE.id, ASKED), (ELSEWHERE.id, other)]


async def test_it_is_linked_while_its_home_answers_and_not_as_a_home(
    mirror: Room, journal: Journal, upstream: FakeUpstream
) -> None:
    made = house(mirror, FakeNetwork(), journal)
    assert made.linked
    upstream.online = False
    assert not made.linked
    await made.turn_to(record("m1", home=HERE))
    assert (made.linked, mirror.kind, upstream.closed) == (False, "home", True)


async def test_who_cannot_be_numbered_is_told(mirror: Room, journal: Journal, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, mirror.group)
    await house(mirror, FakeNetwork(), journal).refused([Refused(draft(room="m1", nonce="n"), TooManyReactions())])
    assert [(who, frame["code"], frame["nonce"]) for who, frame in listener.refusals] == [
        (ADA.id, "too_many_reactions", "n")
    ]


async def test_time_passes_for_every_seat_and_each_hands_over(mirror: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanchat.rooms.house.TICK", 0.01)
    monkeypatch.setattr("lanchat.rooms.house.REST", 0.02)
    seat = Seat()
    monkeypatch.setattr(mirror, "seat", seat)
    keeping = asyncio.create_task(keep_seats([mirror]))
    await eventually(lambda: seat.ticks > 2)  # also when nobody votes in it: it offers to
    monkeypatch.setattr("lanchat.rooms.house.REST", 3_600.0)
    seat.voter = object()
    keeping.cancel()
    keeping = asyncio.create_task(keep_seats([mirror]))
    ticks = seat.ticks
    await eventually(lambda: seat.ticks > ticks + 2)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    await hand_over([mirror])
    assert len(seat.handed) == 1


def test_who_may_vote_at_once_and_who_has_to_be_there_for_a_while(mirror: Room, journal: Journal) -> None:
    seen = house(mirror, FakeNetwork(), journal)
    mirror.door.policy = Policy(owner=MAX.id)
    assert [seen.probation(person, spoke) for person, spoke in ((MAX.id, False), ("x", True), ("x", False))] == [
        0.0,
        Limits().vote_after,
        Limits().vote_after_silence,
    ]
    mirror.door.policy = Policy(owner=MAX.id, door="invite")
    assert seen.probation("x", False) == 0.0


async def test_how_long_it_waits_for_those_who_decide_is_a_rule_of_the_room(mirror: Room, journal: Journal) -> None:
    seen = house(mirror, FakeNetwork(), journal)
    assert seen.patience == 0
    mirror.door.policy = Policy(continues=30)
    assert seen.patience == 30
