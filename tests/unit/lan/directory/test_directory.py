import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from lanchat.errors import RoomLocked
from lanchat.identity import Owner
from lanchat.journal import Journal
from lanchat.lan.directory.directory import Directory
from lanchat.lan.directory.network import Network
from lanchat.lan.directory.unions import Unions
from lanchat.lan.discovery import Advert
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import MAX_SENT, NodeInfo, RoomInfo
from lanchat.rooms import Room
from lanchat.rooms.registry import DEFAULT_ROOM, RoomRegistry
from tests.support.conditions import eventually
from tests.support.identity import key
from tests.support.rooms.members import FakeNetwork
from tests.support.rooms.said import ADA, BOB, HERE, THERE, draft, event, record

GROUPS = {"window": "windows", "guest": "guests"}


class FakeDiscovery:
    """Writes down what is announced; each announcement fails first as often as `fails` says."""

    def __init__(self) -> None:
        self.adverts: list[list[Advert]] = []
        self.fails = 0

    async def advertise(self, adverts: Any) -> None:
        said = sorted(adverts, key=lambda advert: advert.name)
        if self.fails:
            self.fails -= 1
            raise OSError
        self.adverts.append(said)


class MarkedMirrors:
    """Marks every room whose home is elsewhere as one that could be passed on."""

    def marked(self, info: RoomInfo) -> RoomInfo:
        return msgspec.structs.replace(info, bridge="offered") if info.kind == "mirror" else info


class OfferedRooms(FakeNetwork):
    """A network with a discovery."""

    def __init__(self) -> None:
        super().__init__()
        self.discovery = FakeDiscovery()
        self.introduces = True
        self.forged: set[str] = set()
        self.resting: set[str] = set()
        self.bridges = MarkedMirrors()

    def may_introduce(self, room: str) -> bool:
        return self.introduces

    def rests(self, room: str) -> bool:
        return room in self.resting

    async def answers_as_home(self, room: str) -> bool:
        self.resting |= self.forged & {room}
        return room not in self.forged


class Changed:
    """Tells the directory, once there is one."""

    def __init__(self) -> None:
        self.directory: Directory | None = None

    def __call__(self) -> None:
        if self.directory is not None:
            self.directory.changed()


class Lists:
    """Every list that one kind of client is made: the names in each."""

    def __init__(self, kind: str, changed: Changed) -> None:
        self._kind, self._changed = kind, changed
        self.names: list[list[str]] = []

    def take(self, message: dict[str, Any]) -> None:
        assert message == {"type": "node.rooms"}, "what the layer carries does not grow with the rooms"
        assert self._changed.directory is not None
        self.names.append([name for _, name in listed(self._changed.directory, self._kind)])


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@pytest.fixture
def changed() -> Changed:
    return Changed()


@pytest.fixture
def network() -> OfferedRooms:
    return OfferedRooms()


@pytest.fixture
async def rooms(
    tmp_path: Path, layer: InMemoryChannelLayer, network: OfferedRooms, changed: Changed
) -> AsyncIterator[RoomRegistry]:
    async def ignore(*_: object) -> None:
        """Nobody listens."""

    async with Journal(tmp_path / "lanchat.db", ignore) as journal:
        yield RoomRegistry(HERE, journal, layer, changed, Notifications(layer), network=network)


@pytest.fixture
async def directory(
    rooms: RoomRegistry, network: OfferedRooms, layer: InMemoryChannelLayer, changed: Changed
) -> AsyncIterator[Directory]:
    unions = Unions(rooms, cast("Network", network), Owner(rooms._journal, key(1), "Ada"), rooms._journal)
    directory = Directory(rooms, cast("Network", network), layer, GROUPS, unions)
    changed.directory = directory
    running = asyncio.create_task(directory.run())
    yield directory
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def windows(layer: InMemoryChannelLayer, changed: Changed) -> Lists:
    return await listen(layer, "windows", Lists("window", changed))


@pytest.fixture
async def guests(layer: InMemoryChannelLayer, changed: Changed) -> Lists:
    return await listen(layer, "guests", Lists("guest", changed))


async def listen(layer: InMemoryChannelLayer, group: str, lists: Lists) -> Lists:
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    layer.attach(channel, lists.take)
    return lists


def listed(directory: Directory, kind: str) -> list[tuple[str, str]]:
    """Kind and name of every room in a list."""
    return [(room["kind"], room["name"]) for room in json.loads(directory.list_for(kind))["rooms"]]


async def test_a_window_sees_the_network_and_a_guest_this_node(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1), (record("n2", "Attic", THERE), 1)]
    await rooms.open("Yard")
    await rooms.open("bath")
    await rooms.open("Hall")
    here = [("home", "bath"), ("home", "Yard"), ("mirror", "Hall")]
    assert listed(directory, "guest") == here
    assert listed(directory, "window") == [*here, ("found", "Attic")]
    marks = {kind: [room["bridge"] for room in json.loads(directory.list_for(kind))["rooms"]] for kind in GROUPS}
    assert marks == {"window": ["", "", "offered", ""], "guest": [""] * 3}, "only the owner can do it"


async def test_a_change_is_told_to_both_and_announced(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms, windows: Lists, guests: Lists
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    room = await rooms.open("Yard")
    await rooms.open("Hall")
    await room.presence.enter("c1", ADA)
    directory.changed()
    await eventually(lambda: network.discovery.adverts and network.discovery.adverts[-1][0].members == 1)
    assert network.discovery.adverts[-1] == [Advert(id=room.id, name="Yard", members=1)]
    assert windows.names[-1] == guests.names[-1] == ["Yard", "Hall"]


async def test_changes_that_come_together_are_told_once(directory: Directory, windows: Lists) -> None:
    for _ in range(5):
        directory.changed()
    await eventually(lambda: windows.names)
    for _ in range(5):
        directory.changed()
    await eventually(lambda: len(windows.names) == 2)


async def test_a_change_that_cannot_be_announced_does_not_stop_the_next(
    directory: Directory, network: OfferedRooms, windows: Lists, caplog: pytest.LogCaptureFixture
) -> None:
    network.discovery.fails = 1
    directory.changed()
    await eventually(lambda: "could not be told" in caplog.text)
    directory.changed()
    await eventually(lambda: network.discovery.adverts == [[]])
    assert len(windows.names) == 2


# Very many rooms ------------------------------------------------------------------------------------------------------

LONG = "🍲" * 36


@pytest.fixture
async def flooded(rooms: RoomRegistry, directory: Directory, network: OfferedRooms) -> Room:
    """A room in which somebody spoke, then 6,000 rooms with the longest names; returns the first."""
    spoken = await rooms.open("Spoken")
    await spoken.post(draft(room=spoken.id))
    directory.changed()
    await eventually(lambda: network.discovery.adverts)
    for number in range(6_000):
        rooms._add(record(f"{number:032x}", f"{number:04}{LONG}"))
    directory.changed()
    return spoken


async def test_a_list_of_very_many_rooms_is_one_frame(windows: Lists, directory: Directory, flooded: Room) -> None:
    for kind in ("window", "guest"):
        frame = directory.list_for(kind)
        assert len(frame) <= MAX_SENT
        told = json.loads(frame)
        assert (len(told["rooms"]), told["more"]) == (300, 5_701)
        assert flooded.id in {room["id"] for room in told["rooms"]}
    await eventually(lambda: windows.names and len(windows.names[-1]) == 300, what="it is told")


async def test_the_rooms_that_somebody_is_in_are_in_the_list(directory: Directory, flooded: Room) -> None:
    mine = {f"{number:032x}" for number in (17, 5_999)}
    told = {room["id"] for room in json.loads(directory.list_for("guest", mine))["rooms"]}
    assert mine <= told
    assert flooded.id in told
    assert directory.list_for("guest", {flooded.id}) is directory.list_for("guest"), "made once for everybody"


async def test_people_come_before_messages_and_those_before_one_person_everywhere(
    directory: Directory, flooded: Room, rooms: RoomRegistry
) -> None:
    for room in rooms:
        if room.id != flooded.id:
            await room.presence.enter("eve", BOB)
    social = await rooms.open("Social")
    await social.presence.enter("ada", ADA)
    await social.presence.enter("bob", BOB)
    directory.changed()
    told = {room["id"] for room in json.loads(directory.list_for("guest"))["rooms"]}
    assert {flooded.id, social.id} <= told


async def test_only_so_many_rooms_are_announced_and_those_that_were_stay(
    directory: Directory, flooded: Room, network: OfferedRooms
) -> None:
    await eventually(lambda: len(network.discovery.adverts[-1]) > 1)
    announced = {advert.id for advert in network.discovery.adverts[-1]}
    assert len(announced) == 64
    assert flooded.id in announced
    offered = directory.offered()
    assert (len(offered), {room.id for room in offered[:64]}) == (300, announced)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("", True),
        ("online", False),
        ("empty", False),
        ("unlisted", False),
        ("locked", False),
        ("passphrase", False),
        ("outside", False),
        ("others do", False),
    ],
)
async def test_a_mirror_of_an_open_room_introduces_it_while_its_home_is_away(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms, change: str, told: bool
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    hall = await rooms.open("Hall")
    if change != "empty":
        await rooms._journal.mirror("n1", [event(1, room="n1")])
    network.links[0][1].online = change == "online"
    network.introduces = change != "others do"
    policy: dict[str, dict[str, Any]] = {
        "unlisted": {"listed": False},
        "locked": {"locked": True},
        "passphrase": {"door": "passphrase"},
    }
    hall.door.policy = msgspec.structs.replace(hall.door.policy, **policy.get(change, {}))
    hall.door.outside = RoomLocked() if change == "outside" else None
    before = len(network.discovery.adverts)
    directory.changed()
    await eventually(lambda: len(network.discovery.adverts) > before)
    assert network.discovery.adverts[-1] == ([Advert("n1", "Hall", 0, introduced=True)] if told else [])
    assert [room.id for room in directory.offered()] == (["n1"] if told else [])


async def test_somebody_can_wait_for_a_change(directory: Directory) -> None:
    waiting = asyncio.create_task(directory.next_change())
    await asyncio.sleep(0)
    assert not waiting.done()
    directory.changed()
    await asyncio.wait_for(waiting, 60)


async def test_of_two_silent_rooms_of_one_name_the_greater_id_gives_way(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms
) -> None:
    mine = await rooms.open_first()
    network.offers = [(record("0", DEFAULT_ROOM, THERE), 1)]
    directory.changed()
    await eventually(lambda: [room.id for room in rooms] == ["0"])
    assert mine.id > "0"


async def test_a_home_that_does_not_answer_keeps_no_others_of_its_name_apart(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms
) -> None:
    await rooms.open_first()
    network.forged = {"0"}
    network.offers = [(record("0", DEFAULT_ROOM, THERE), 1), (record("1", DEFAULT_ROOM, THERE), 1)]
    directory.changed()
    await eventually(lambda: [room.id for room in rooms] == ["1"])


async def test_the_smaller_id_stays_and_rooms_of_another_name(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms
) -> None:
    offers = [(record("0", "Attic", THERE), 1)]
    yard, first = await rooms.open("Yard"), await rooms.open_first()
    network.offers = [*offers, (record("g", DEFAULT_ROOM, THERE), 1)]
    before = len(network.discovery.adverts)
    directory.changed()
    await eventually(lambda: len(network.discovery.adverts) > before)
    assert {room.id for room in rooms} == {yard.id, first.id}


async def test_a_room_gives_way_to_one_in_which_somebody_spoke_whatever_its_id(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rooms.open_first()
    network.offers = [(record("g", DEFAULT_ROOM, THERE), 1)]
    monkeypatch.setattr(network, "found", lambda: [spoken("g", DEFAULT_ROOM, THERE)])
    directory.changed()
    await eventually(lambda: [room.id for room in rooms] == ["g"])


def spoken(room: str, name: str, node: NodeInfo) -> RoomInfo:
    return RoomInfo(id=room, name=name, node=node, kind="found", members=1, top=7, online=True)


async def test_a_room_in_which_somebody_spoke_gives_way_to_none(
    directory: Directory, rooms: RoomRegistry, network: OfferedRooms
) -> None:
    mine = await rooms.open_first()
    await mine.post(draft(room=mine.id))
    network.offers = [(record("0", DEFAULT_ROOM, THERE), 1)]
    before = len(network.discovery.adverts)
    directory.changed()
    await eventually(lambda: len(network.discovery.adverts) > before)
    assert list(rooms) == [mine]
