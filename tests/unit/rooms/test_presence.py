"""Who is in a room: told to everybody, never more often than it helps, and dropped with the node that saw them."""

from typing import Any

import pytest

from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import SILENCE, Author, Presence
from lanchat.rooms import presence_sets as presence
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
