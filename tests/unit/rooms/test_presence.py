"""Who is in a room: told to everybody, never more often than it helps, and dropped with the node that saw them."""

from typing import Any

import pytest

from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import MAX_FRAME, MAX_SENT, SILENCE, Author, NodeInfo, Presence, encode
from lanchat.rooms import presence
from lanchat.rooms.presence import MOST_BYTES, PresenceSets, fitting
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.rooms.members import FakeUpstream, Listener
from tests.support.rooms.said import ADA, BOB, ELSEWHERE, HERE, THERE

COUNTESS = Author(id=ADA.id, nick="Countess")


def shown(frames: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Node and names of frames of presence."""
    return [
        (frame["node"]["id"], [member["nick"] for member in frame["members"]])
        for frame in frames
        if frame["type"] == "presence"
    ]


async def test_who_enters_and_leaves_is_told_to_everybody(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    changes = [
        (home.presence.enter, ("c1", ADA)),
        (home.presence.enter, ("c2", BOB)),
        (home.presence.leave, ("c1",)),
        (home.presence.leave, ("c2",)),
    ]
    names = [["Ada"], ["Ada", "Bob"], ["Bob"], []]
    for number, (change, arguments) in enumerate(changes, 1):
        assert await change(*arguments)  # type: ignore[operator]
        assert home.info.members == len(names[number - 1])
        await eventually(lambda number=number: len(shown(listener.frames)) == number)  # type: ignore[misc]
    assert shown(listener.frames) == [("here", said) for said in names]


async def test_when_many_come_at_once_everybody_is_told_now_and_then(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    for number in range(200):
        assert await home.presence.enter(number, Author(id=f"p{number}", nick=f"{number:03}"))
    everybody = [f"{number:03}" for number in range(200)]
    assert home.info.members == 200
    await eventually(lambda: shown(listener.frames)[-1] == ("here", everybody))
    assert shown(listener.frames)[0] == ("here", ["000"])
    assert len(listener.frames) < 20


async def test_a_person_with_two_windows_is_here_until_both_are_closed(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    assert await home.presence.enter("c1", ADA)
    assert not await home.presence.enter("c2", ADA)
    assert not await home.presence.leave("c1")
    assert await home.presence.leave("c2")
    await eventually(lambda: shown(listener.frames) == [("here", ["Ada"]), ("here", [])])


async def test_who_was_not_here_cannot_leave(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    assert not await home.presence.leave("c1")
    assert listener.frames == []


async def test_a_new_name_is_told(home: Room, layer: InMemoryChannelLayer) -> None:
    await home.presence.enter("c1", ADA)
    listener = await Listener.of(layer, home.group)
    assert await home.presence.enter("c1", COUNTESS)
    await eventually(lambda: shown(listener.frames) == [("here", ["Countess"])])


async def test_who_is_here_is_said_again_only_when_asked_for(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    await home.presence.announce()
    assert listener.frames == []
    await home.presence.enter("c1", ADA)
    assert not await home.presence.enter("c1", ADA)
    await home.presence.announce()
    assert shown(listener.frames) == [("here", ["Ada"])] * 2


async def test_a_mirror_tells_its_home_who_is_here(mirror: Room, upstream: FakeUpstream) -> None:
    await mirror.presence.enter("c1", ADA)
    await mirror.presence.announce()
    await mirror.presence.leave("c1")
    await eventually(lambda: len(upstream.sent) == 3)
    assert upstream.sent == [
        Presence(room="m1", node=HERE, members=[ADA]),
        Presence(room="m1", node=HERE, members=[ADA]),
        Presence(room="m1", node=HERE, members=[]),
    ]


async def test_what_another_node_says_is_passed_on(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    frame = Presence(room="r1", node=THERE, members=[BOB])
    assert await home.presence.receive(frame)
    assert not await home.presence.receive(frame)
    assert shown(listener.frames) == [("there", ["Bob"])] * 2
    assert home.presence.presences() == [frame]
    assert home.info.members == 1


async def test_nobody_else_says_who_is_here_through_this_node(mirror: Room, layer: InMemoryChannelLayer) -> None:
    await mirror.presence.enter("c1", ADA)
    listener = await Listener.of(layer, mirror.group)
    assert not await mirror.presence.receive(Presence(room="m1", node=HERE, members=[]))
    assert listener.frames == []
    assert mirror.presence.presences() == [Presence(room="m1", node=HERE, members=[ADA])]


async def test_when_the_home_is_lost_only_the_people_here_are_left(mirror: Room, layer: InMemoryChannelLayer) -> None:
    await mirror.presence.enter("c1", ADA)
    for node in (THERE, ELSEWHERE):
        await mirror.presence.receive(Presence(room="m1", node=node, members=[BOB]))
    listener = await Listener.of(layer, mirror.group)
    await mirror.presence.lose_others()
    assert shown(listener.frames) == [("there", []), ("elsewhere", [])]
    assert mirror.presence.presences() == [Presence(room="m1", node=HERE, members=[ADA])]


async def test_a_node_that_fell_silent_is_dropped_and_this_is_told(
    home: Room, layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.presence.enter("c1", ADA)
    await home.presence.receive(Presence(room="r1", node=THERE, members=[BOB]))
    listener = await Listener.of(layer, home.group)
    assert not await home.presence.expire()
    monkeypatch.setattr(presence, "SILENCE", -SILENCE)
    assert await home.presence.expire()
    assert shown(listener.frames) == [("there", [])]
    assert home.presence.presences() == [Presence(room="r1", node=HERE, members=[ADA])]


# Strangers that come and go -------------------------------------------------------------------------------------------


def seen(number: int, people: int) -> Presence:
    """What a node says that sees so many people."""
    node = NodeInfo(id=f"n{number}", name="🍲" * 64)
    members = [Author(id=f"{number:032}{person:032}", nick="🍲" * 24) for person in range(people)]
    return Presence(room="r1", node=node, members=members)


async def test_only_so_many_nodes_have_people_in_a_room(home: Room, layer: InMemoryChannelLayer) -> None:
    listener = await Listener.of(layer, home.group)
    for number in range(presence.MOST_NODES + 5):
        await home.presence.receive(seen(number, 1))
    await eventually(lambda: len(shown(listener.frames)) == presence.MOST_NODES)
    assert len(home.presence) == presence.MOST_NODES
    assert not home.presence.has_place(seen(presence.MOST_NODES, 1))
    assert await home.presence.receive(seen(3, 2)), "who has a place keeps it"
    await home.presence.receive(seen(4, 0))
    assert await home.presence.receive(seen(presence.MOST_NODES, 1)), "and makes place"
    assert await home.presence.enter("c1", ADA), "people here always have a place"


async def test_only_so_many_people_elsewhere_are_named(home: Room) -> None:
    for number in range(presence.MOST_PEOPLE // 500):
        assert await home.presence.receive(seen(number, 500))
    assert not await home.presence.receive(seen(99, 1))
    assert not await home.presence.receive(seen(0, 501))
    assert len(home.presence) == presence.MOST_PEOPLE


async def test_who_joins_is_told_as_much_as_fits_and_this_node_first(home: Room, layer: InMemoryChannelLayer) -> None:
    for number in range(8):
        await home.presence.receive(seen(number, 300))
    for number in range(200):
        await home.presence.enter(number, Author(id=f"{number:032}", nick="Guest"))
    told = home.presence.presences()
    assert (told[0].node, len(told[0].members)) == (HERE, 200)
    assert 1 < len(told) < 9
    assert all(len(frame.members) == 300 for frame in told[1:])
    assert sum(len(encode(frame)) for frame in told) <= MOST_BYTES


def test_a_frame_of_very_many_people_names_as_many_as_fit() -> None:
    frame = seen(1, 5_000)
    for most in (MAX_FRAME, MAX_SENT):
        assert most * 0.7 < len(encode(fitting(frame, most))) <= most
    assert fitting(seen(1, 3), MAX_FRAME) == seen(1, 3)
    assert fitting(frame, 10).members == []


# Sets -----------------------------------------------------------------------------------------------------------------


def test_at_first_nobody_is_here() -> None:
    people = PresenceSets()
    assert len(people) == 0
    assert people.sets() == []


def test_what_a_node_says_replaces_what_it_said_before() -> None:
    people = PresenceSets()
    assert people.replace(HERE, [ADA, BOB], 0.0)
    assert people.replace(HERE, [BOB], 1.0)
    assert people.sets() == [(HERE, (BOB,))]


def test_what_a_node_says_again_changes_nothing_in_whatever_order() -> None:
    people = PresenceSets()
    assert people.replace(HERE, [ADA, BOB], 0.0)
    assert not people.replace(HERE, [BOB, ADA], 1.0)


def test_people_stand_in_the_order_of_their_names() -> None:
    people = PresenceSets()
    people.replace(HERE, [BOB, ADA], 0.0)
    assert people.sets() == [(HERE, (ADA, BOB))]


def test_who_is_here_through_two_nodes_counts_once() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [ADA, BOB], 0.0)
    assert len(people) == 2


def test_a_node_without_people_is_not_listed() -> None:
    people = PresenceSets()
    assert not people.replace(HERE, [], 0.0)
    people.replace(HERE, [ADA], 0.0)
    assert people.replace(HERE, [], 1.0)
    assert people.sets() == []


def test_a_silent_node_is_dropped_whole_and_one_that_speaks_stays() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [ADA, BOB], 0.0)
    people.replace(HERE, [ADA], 1.0)
    assert people.expire(SILENCE) == []
    assert people.expire(SILENCE + 0.5) == [THERE]
    assert people.sets() == [(HERE, (ADA,))]
    assert people.expire(SILENCE + 0.5) == []


def test_the_own_node_need_not_speak_to_itself() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [BOB], 0.0)
    assert people.expire(10 * SILENCE, keep=HERE.id) == [THERE]


def test_a_renamed_person_is_a_change() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    assert people.replace(HERE, [type(ADA)(id=ADA.id, nick="Countess")], 1.0)
