import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from lanchat.errors import InvalidRoomName, JournalFailed, NoSuchRoom, NotOwner
from lanchat.journal import Journal
from lanchat.journal.stores.doors import PIECE
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Event, Notification, Presence
from lanchat.rooms.presence import keep_present
from lanchat.rooms.registry import DEFAULT_ROOM, RoomRegistry
from lanchat.rooms.succession import SHARED
from lanchat.rooms.uniting import successors as moves_module
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeNetwork, Listener
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, HERE, THERE, draft, event, record
from tests.support.sessions import Recorder


class Changes:
    """Counts how often the list of rooms was said to have changed."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        yield layer


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def rooms(journal: Journal, layer: InMemoryChannelLayer, network: FakeNetwork, changes: Changes) -> RoomRegistry:
    return again(journal, layer, network, changes)


def again(journal: Journal, layer: InMemoryChannelLayer, network: FakeNetwork, changes: Changes) -> RoomRegistry:
    rooms = RoomRegistry(HERE, journal, layer, changes, Notifications(layer), network=network)
    journal.on_commit = rooms.publish
    return rooms


# By name --------------------------------------------------------------------------------------------------------------


async def test_a_name_that_nobody_has_makes_a_room(rooms: RoomRegistry, journal: Journal, changes: Changes) -> None:
    room = await rooms.open("  Küche ")
    assert (room.name, room.kind, len(room.id)) == ("Küche", "home", 32)
    assert await journal.rooms() == [room.record]
    assert (list(rooms), len(rooms), changes.count) == ([room], 1, 1)
    assert rooms.get(room.id) is room


async def test_a_room_of_this_node_is_found_by_its_name(
    rooms: RoomRegistry, network: FakeNetwork, changes: Changes
) -> None:
    room = await rooms.open("Küche")
    network.offers = [(record("n1", "Küche", THERE), 50)]
    assert await rooms.open("Ku\u0308che") is room
    assert await rooms.open("Küche", create=False) is room
    assert (len(rooms), changes.count) == (1, 1)


async def test_a_room_of_the_network_becomes_a_mirror(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, changes: Changes
) -> None:
    busy, first = record("n3", "Hall", THERE), record("n2", "Hall", ELSEWHERE)
    network.offers = [(busy, 7), (first, 1), (record("n1", "Other", THERE), 9)]
    room = await rooms.open("Hall", create=False)
    assert (room.record, room.kind) == (first, "mirror")
    assert [room for room, _ in network.links] == ["n2"]
    assert await journal.rooms() == [first]
    assert changes.count == 1


async def test_a_room_that_is_nowhere_is_not_made_unless_wanted(rooms: RoomRegistry, journal: Journal) -> None:
    with pytest.raises(NoSuchRoom, match="'Hall'"):
        await rooms.open("Hall", create=False)
    assert await journal.rooms() == []


async def test_a_name_that_no_room_can_have_is_refused(rooms: RoomRegistry) -> None:
    with pytest.raises(InvalidRoomName):
        await rooms.open("\n")
    assert len(rooms) == 0


async def test_who_may_bring_no_room_here_is_in_one_of_redis_also_in_the_moment_before_its_node_has_it(
    rooms: RoomRegistry, network: FakeNetwork
) -> None:
    def nobody(action: str, room: str = "") -> None:
        if action == "mirror":
            raise NotOwner(f"{action} {room}")

    network.offers = [(record("s1", "Shared", SHARED), 1), (record("n1", "Hall", THERE), 1)]
    assert (await rooms.enter("s1", may=nobody)).id == "s1"
    with pytest.raises(NotOwner):
        await rooms.enter("n1", may=nobody)
    with pytest.raises(NotOwner):
        await rooms.open("Hall", may=nobody)


async def test_a_home_goes_before_a_mirror_of_the_same_name(rooms: RoomRegistry, network: FakeNetwork) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    mirror = await rooms.open("Hall")
    assert rooms.here("Hall") is mirror
    network.offers = []
    rooms._rooms.pop("n1")
    home = await rooms.open("Hall")
    rooms._rooms = {"n1": mirror, home.id: home}
    assert rooms.here("Hall") is home
    assert rooms.here("hall") is None


async def test_two_who_open_at_once_are_in_one_room(rooms: RoomRegistry, journal: Journal, changes: Changes) -> None:
    opened = await asyncio.gather(*(rooms.open("Hall") for _ in range(10)))
    assert len({room.id for room in opened}) == 1
    assert (len(await journal.rooms()), changes.count) == (1, 1)


async def test_two_who_open_a_room_of_the_network_at_once_share_one_link(
    rooms: RoomRegistry, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    opened = await asyncio.gather(rooms.open("Hall"), rooms.enter("n1"), rooms.open("Hall"), rooms.enter("n1"))
    assert len({id(room) for room in opened}) == 1
    assert len(network.links) == 1


async def test_a_room_that_cannot_be_kept_is_not_opened(database: Path, layer: InMemoryChannelLayer) -> None:
    async def ignore(room: str, events: list[Event]) -> None:
        """Nobody listens."""

    async with Journal(database, ignore) as journal:
        rooms = RoomRegistry(HERE, journal, layer, Changes(), Notifications(layer))
    with pytest.raises(JournalFailed):
        await rooms.open("Hall")
    assert len(rooms) == 0


async def test_an_offer_under_the_id_of_a_room_that_is_here_takes_nothing_from_it(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork
) -> None:
    mine = await rooms.open("Mine")
    await mine.post(draft(room=mine.id))
    network.offers = [(record(mine.id, "Trap", THERE), 50)]
    trap = await rooms.open("Trap")
    assert trap.id != mine.id
    assert rooms.get(mine.id) is mine
    assert mine.kind == "home"
    assert await journal.rooms() == [mine.record, trap.record]


# By id ----------------------------------------------------------------------------------------------------------------


async def test_a_room_is_entered_by_its_id(rooms: RoomRegistry, network: FakeNetwork) -> None:
    mine = await rooms.open("Mine")
    network.offers = [(record("n1", "Hall", THERE), 1)]
    assert await rooms.enter(mine.id) is mine
    mirror = await rooms.enter("n1")
    assert (mirror.name, mirror.kind, len(network.links)) == ("Hall", "mirror", 1)
    assert await rooms.enter("n1") is mirror


async def test_an_id_that_nobody_knows(rooms: RoomRegistry) -> None:
    with pytest.raises(NoSuchRoom):
        await rooms.enter("n1")
    with pytest.raises(NoSuchRoom):
        rooms.get("n1")


async def test_without_a_network_rooms_are_made_here(journal: Journal, layer: InMemoryChannelLayer) -> None:
    rooms = RoomRegistry(HERE, journal, layer, Changes(), Notifications(layer))
    assert (await rooms.open("Hall")).kind == "home"
    assert (await rooms.open_first()).name == DEFAULT_ROOM
    with pytest.raises(NoSuchRoom):
        await rooms.enter("n1")


async def test_rooms_come_back_with_the_journal(
    rooms: RoomRegistry, journal: Journal, layer: InMemoryChannelLayer, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    home, mirror = await rooms.open("Home"), await rooms.open("Hall")
    await home.post(draft(room=home.id))
    later, network.links = again(journal, layer, network, Changes()), []
    await later.load()
    assert [room.record for room in later] == [home.record, mirror.record]
    assert [room for room, _ in network.links] == ["n1"]
    assert later.get(home.id).top == 1


async def test_many_rooms_come_back_with_few_readings_of_the_disk(
    rooms: RoomRegistry, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 2 * PIECE + 1
    await asyncio.gather(*(journal.put_room(record(f"r{number}")) for number in range(count)))
    submit = Mock(wraps=journal._read_thread.submit)
    monkeypatch.setattr(journal._read_thread, "submit", submit)
    await rooms.load()
    assert len(rooms) == count
    assert submit.call_count == 5  # the rooms, which of them have voters, and three pieces of doors


# The first room -------------------------------------------------------------------------------------------------------


async def test_whoever_asks_for_no_room_is_taken_to_general(rooms: RoomRegistry, network: FakeNetwork) -> None:
    network.offers = [(record("n1", "Free prizes", THERE), 9_999), (record("n2", DEFAULT_ROOM, ELSEWHERE), 1)]
    room = await rooms.open_first()
    assert (room.id, room.kind) == ("n2", "mirror")


async def test_how_many_are_said_to_be_there_leads_nobody_anywhere(rooms: RoomRegistry, network: FakeNetwork) -> None:
    network.offers = [(record("n2", DEFAULT_ROOM, THERE), 9_999), (record("n1", DEFAULT_ROOM, ELSEWHERE), 1)]
    assert (await rooms.open_first()).id == "n1"


async def test_where_there_is_no_general_one_opens_whatever_else_is_offered(
    rooms: RoomRegistry, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Free prizes", THERE), 9_999)]
    room = await rooms.open_first()
    assert (room.name, room.kind) == (DEFAULT_ROOM, "home")


async def test_on_an_empty_network_a_room_is_opened_once(rooms: RoomRegistry, journal: Journal) -> None:
    first, second = await asyncio.gather(rooms.open_first(), rooms.open_first())
    assert first is second
    assert (first.name, first.kind) == (DEFAULT_ROOM, "home")
    assert len(await journal.rooms()) == 1


async def test_a_stranger_cannot_offer_a_room_that_is_here_as_the_first_one(
    rooms: RoomRegistry, network: FakeNetwork
) -> None:
    hall = await rooms.open("Hall")
    network.offers = [(record(hall.id, DEFAULT_ROOM, THERE), 9)]
    room = await rooms.open_first()
    assert (room.name, room.kind) == (DEFAULT_ROOM, "home")
    assert room.id != hall.id


# Giving way -----------------------------------------------------------------------------------------------------------


async def test_a_silent_room_gives_way_and_takes_everybody_along(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, layer: InMemoryChannelLayer
) -> None:
    mine = await rooms.open_first()
    listener = await Listener.of(layer, mine.group)
    network.offers = [(record("n1", DEFAULT_ROOM, THERE), 1)]
    await rooms.give_way(mine, "n1")
    [room] = rooms
    assert (room.id, room.kind, [link for link, _ in network.links]) == ("n1", "mirror", ["n1"])
    assert await journal.rooms() == [room.record]
    assert [(frame["type"], frame["room"], frame["to"]["id"]) for frame in listener.frames] == [
        ("moved", mine.id, "n1")
    ]
    with pytest.raises(NoSuchRoom):
        await mine.post(draft(room=mine.id))


async def test_a_room_in_which_somebody_spoke_stays(rooms: RoomRegistry, network: FakeNetwork) -> None:
    mine = await rooms.open_first()
    await mine.post(draft(room=mine.id))
    network.offers = [(record("n1", DEFAULT_ROOM, THERE), 1)]
    await rooms.give_way(mine, "n1")
    assert list(rooms) == [mine]


async def test_what_is_said_just_as_a_room_gives_way_is_not_lost(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork
) -> None:
    mine = await rooms.open_first()
    network.offers = [(record("n1", DEFAULT_ROOM, THERE), 1)]
    said = mine.post(draft(room=mine.id))
    await rooms.give_way(mine, "n1")
    assert (await said) is not None
    assert list(rooms) == [mine]
    assert [item.seq for item in await journal.after(mine.id, 0, 50)] == [1]


async def test_nothing_gives_way_to_what_is_gone_or_is_here(rooms: RoomRegistry, network: FakeNetwork) -> None:
    mine = await rooms.open_first()
    await rooms.give_way(mine, "n1")
    network.offers = [(record(mine.id, DEFAULT_ROOM, THERE), 1)]
    await rooms.give_way(mine, mine.id)
    assert list(rooms) == [mine]
    assert mine.kind == "home"


async def test_a_room_gives_way_to_a_mirror_that_is_here_already(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1), (record("n2", DEFAULT_ROOM, THERE), 1)]
    left, mirror = await rooms.open("Hall"), await rooms.enter("n2")
    first, waiting = draft("to the other room", room="n2"), draft("to the room that gives way", room="n1")
    network.links[0][1].online = False
    await left.post(waiting)
    await mirror.post(first)
    flushed = network.links[1][1].flushed
    await rooms.give_way(left, "n2")
    assert list(rooms) == [mirror]
    assert len(network.links) == 2
    # It goes out behind what the link has sent already, and the link is told to look.
    assert [each.nonce for _, each in await journal.outbox("n2")] == [first.nonce, waiting.nonce]
    assert network.links[1][1].flushed == flushed + 1


async def test_whoever_comes_to_a_room_that_gave_way_is_led_on(
    rooms: RoomRegistry, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await rooms.open("Hall")
    for other in ("n2", "n1"):
        network.offers = [(record(other, "Hall", THERE), 1)]
        [now] = rooms
        await rooms.give_way(now, other)
        network.links[-1][1].online = False
    [last] = rooms
    assert rooms.moves.successor(first.id) is rooms.moves.successor("n2") is await rooms.enter(first.id) is last
    assert rooms.moves.successor("never here") is None
    monkeypatch.setattr(moves_module, "MOST_MOVES", 1)
    network.offers = [(record("n0", "Hall", THERE), 1)]
    await rooms.give_way(last, "n0")
    assert rooms.moves.successor(first.id) is None
    [room] = rooms
    assert rooms.moves.successor("n1") is room


async def test_a_mirror_whose_home_gave_the_room_up_gives_way_with_what_waits(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    mirror = await rooms.open("Hall")
    link = network.links[0][1]
    link.online = True
    network.offers = [(record("n2", "Hall", THERE), 1)]
    await rooms.give_way(mirror, "n2")
    assert list(rooms) == [mirror]
    await mirror.post(draft(room="n1"))
    link.online = False
    await rooms.give_way(mirror, "n2")
    assert [room.id for room in rooms] == ["n2"]
    assert link.closed
    assert [waiting.room for _, waiting in await journal.outbox("n2")] == ["n2"]
    assert await journal.outbox("n1") == []


# Forgetting and the end -----------------------------------------------------------------------------------------------


async def test_a_forgotten_room_is_gone_with_its_link(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, changes: Changes
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    mirror = await rooms.open("Hall")
    await journal.mirror("n1", [event(1, room="n1")])
    before = changes.count
    await rooms.forget(mirror)
    await rooms.forget(mirror)
    assert (len(rooms), await journal.rooms(), await journal.after("n1", 0, 50)) == (0, [], [])
    assert network.links[0][1].closed
    assert changes.count > before


async def test_a_room_that_is_entered_while_it_is_forgotten_is_whole(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    mirror = await rooms.open("Hall")
    _, entered = await asyncio.gather(rooms.forget(mirror), rooms.enter("n1"))
    assert entered is not mirror
    assert await journal.rooms() == [entered.record]
    await journal.mirror("n1", [event(1, room="n1")])
    assert entered.top == 1


async def test_at_the_end_every_link_is_closed(rooms: RoomRegistry, network: FakeNetwork) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1), (record("n2", "Yard", ELSEWHERE), 1)]
    for name in ("Hall", "Yard", "Mine"):
        await rooms.open(name)
    await rooms.close()
    assert [upstream.closed for _, upstream in network.links] == [True, True]


# Publishing and presence ----------------------------------------------------------------------------------------------


async def test_what_the_journal_keeps_reaches_its_room_only(rooms: RoomRegistry, layer: InMemoryChannelLayer) -> None:
    hall, yard = await rooms.open("Hall"), await rooms.open("Yard")
    in_hall, in_yard = await Listener.of(layer, hall.group), await Listener.of(layer, yard.group)
    await hall.post(draft("hello", room=hall.id))
    await rooms.publish("gone", [event(1, room="gone")])
    assert (in_hall.events, in_yard.events) == ([(1, "hello")], [])


async def test_presence_is_said_again_and_again_and_silence_is_noticed(
    rooms: RoomRegistry, layer: InMemoryChannelLayer, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.rooms.presence.HEARTBEAT", 0.01)
    room = await rooms.open("Hall")
    await room.presence.enter("c1", ADA)
    listener, before = await Listener.of(layer, room.group), changes.count
    keeping = asyncio.create_task(keep_present(rooms, changes))
    await eventually(lambda: len(listener.frames) >= 3)
    assert changes.count == before
    await room.presence.receive(Presence(room=room.id, node=THERE, members=[BOB]))
    monkeypatch.setattr("lanchat.rooms.presence.SILENCE", -1.0)
    await eventually(lambda: changes.count > before)
    assert room.info.members == 1
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_a_change_of_who_is_here_is_passed_on(rooms: RoomRegistry, changes: Changes) -> None:
    rooms.changed()
    assert changes.count == 1


# Mentions -------------------------------------------------------------------------------------------------------------


async def called(journal: Journal, layer: InMemoryChannelLayer, past: int = 0) -> list[str]:
    """Say things in a room, and give those that called Ada."""
    ada = Recorder()
    async with Notifications(layer) as notifications:
        rooms = RoomRegistry(HERE, journal, layer, Changes(), notifications)
        journal.on_commit = rooms.publish
        room = await rooms.open("Küche")
        room.skip_past(past)
        await notifications.arrive(ADA, ada)
        await journal.append(draft("@Ada one", author=BOB, nonce="1", room=room.id))
        await journal.append(draft("Ada two", author=BOB, nonce="2", room=room.id))
        await journal.append(draft("@Ada one", author=BOB, nonce="1", room=room.id))
        await journal.append(draft("@Ada three", author=BOB, nonce="3", room=room.id))
        heard = [reply.text for reply in ada.heard if isinstance(reply, Notification)]
        return [text for text in ("one", "two", "three") if any(text in told for told in heard)]


async def test_a_message_calls_people_once_it_is_kept(journal: Journal, layer: InMemoryChannelLayer) -> None:
    assert await called(journal, layer) == ["one", "three"]


async def test_what_is_past_calls_nobody(journal: Journal, layer: InMemoryChannelLayer) -> None:
    assert await called(journal, layer, past=2) == ["three"]


# Another home ---------------------------------------------------------------------------------------------------------


async def test_a_living_room_gets_its_home_here_and_nobody_in_it_has_to_do_anything(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, layer: InMemoryChannelLayer
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    room = await rooms.open("Hall")
    listener = await Listener.of(layer, room.group)
    await journal.mirror("n1", [event(1, "before", room="n1")])
    waits = draft("waits", room="n1")
    assert await room.post(waits) is None
    await rooms.continue_here(room)
    assert rooms.get("n1") is room
    assert (room.kind, room.term, room.info.node, network.links[0][1].closed) == ("home", 2, HERE, True)
    kept = await room.post(draft("after", room="n1"))
    assert kept is not None
    assert (kept.event.seq, kept.event.term) == (3, 2)
    assert listener.events == [(1, "before"), (2, "waits"), (3, "after")]
    assert await journal.outbox("n1") == []
    assert await journal.rooms() == [room.record]


async def test_each_post_around_the_change_is_for_one_home_and_in_the_order_of_the_calls(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, layer: InMemoryChannelLayer
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    room = await rooms.open("Hall")
    listener = await Listener.of(layer, room.group)
    changing = asyncio.create_task(rooms.continue_here(room))
    while not changing.done():
        await room.post(draft(f"{len(listener.events)}", room="n1"))
        await asyncio.sleep(0)
    await changing
    await room.post(draft("last", room="n1"))
    assert await journal.outbox("n1") == []
    assert [seq for seq, _ in listener.events] == list(range(1, room.top + 1))
    assert listener.events[-1][1] == "last"


async def test_a_change_that_cannot_be_kept_changes_nothing(
    rooms: RoomRegistry, journal: Journal, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.offers = [(record("n1", "Hall", THERE), 1)]
    room = await rooms.open("Hall")
    before = room.record

    def fail(*_: object) -> asyncio.Future[object]:
        failed: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        failed.set_exception(JournalFailed())
        return failed

    with monkeypatch.context() as patch:
        patch.setattr(journal.ledgers, "claim", fail)
        with pytest.raises(JournalFailed):
            await rooms.continue_here(room)
    assert (room.kind, room.record, len(network.links)) == ("mirror", before, 2)
    assert await journal.rooms() == [before]
