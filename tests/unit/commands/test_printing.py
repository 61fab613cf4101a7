"""How events and rooms read in a terminal."""

from datetime import datetime

import pytest

from lanchat.commands.printing import format_event, format_room
from lanchat.protocol import Author, Body, Event, NodeInfo, RoomInfo


@pytest.mark.parametrize(("at", "shown"), [(0, None), (10**18, "--:--"), (-(10**18), "--:--")])
def test_an_event_for_people(at: int, shown: str | None) -> None:
    event = Event(
        room="r",
        seq=1,
        term=1,
        nonce="n",
        author=Author(id="a", nick="Eve\x1b[2J"),
        at=at,
        kind="message",
        body=Body(text="one\ntwo"),
    )
    expected = shown or datetime.fromtimestamp(0).astimezone().strftime("%H:%M")
    assert format_event(event) == f"{expected} Eve [2J: one\n      two"


@pytest.mark.parametrize(("members", "people"), [(0, "empty"), (3, "3 here")])
def test_a_room_in_a_list(members: int, people: str) -> None:
    node = NodeInfo(id="n", name="desk\a")
    info = RoomInfo(id="r", name="tea\troom", node=node, kind="home", members=members, top=1, online=True)
    assert format_room(info) == f"tea room\t{people}\tdesk "


def test_a_room_whose_history_is_on_its_way_says_how_far_it_is() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="r", name="tea", node=node, kind="mirror", members=0, top=500, online=True, fetching=2000)
    assert format_room(info) == "tea\tempty\tdesk\tfetching 500 of 2000"
