"""How events and rooms read in a terminal."""

from datetime import datetime

import msgspec
import pytest

from lanchat.commands.printing import format_event, format_room, format_waiting
from lanchat.identity import Crowd
from lanchat.protocol import Author, Body, Event, NodeInfo, RoomInfo, WaitingPost


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
    assert format_event(event, Crowd()) == f"{expected} Eve [2J (unverified): one\n      two"


def test_whoever_takes_the_name_of_somebody_with_a_key_is_marked() -> None:
    crowd = Crowd()
    people = [("k" * 43, "Ann"), ("g-" + "4f2c" * 8, "Ann"), ("g-" + "ab" * 16, "Аnn"), ("k" * 43, "Ann")]
    lines = []
    for seq, (person, nick) in enumerate(people, 1):
        author, body = Author(id=person, nick=nick), Body(text="hello")
        lines.append(
            format_event(
                Event(room="r", seq=seq, term=1, nonce="n", author=author, at=0, kind="message", body=body), crowd
            )[6:]
        )
    assert lines == ["Ann: hello", "Ann ·4f2c (guest): hello", "Аnn ·abab (guest): hello", "Ann: hello"]


@pytest.mark.parametrize(("members", "people"), [(0, "empty"), (3, "3 here")])
def test_a_room_in_a_list(members: int, people: str) -> None:
    node = NodeInfo(id="n", name="desk\a")
    info = RoomInfo(id="r", name="tea\troom", node=node, kind="home", members=members, top=1, online=True)
    assert format_room(info) == f"tea room\t{people}\tdesk "


def test_rooms_whose_names_look_alike_show_the_beginning_of_their_ids() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="0123456789", name="tea", node=node, kind="home", members=0, top=1, online=True)
    assert format_room(info, twin=True) == "tea ·012345\tempty\tdesk"


def test_a_room_whose_history_is_on_its_way_says_how_far_it_is() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="r", name="tea", node=node, kind="mirror", members=0, top=500, online=True, fetching=2000)
    assert format_room(info) == "tea\tempty\tdesk\tfetching 500 of 2000"


def test_a_rule_is_a_line_in_words() -> None:
    crowd = Crowd()
    crowd.see(Author(id="b" * 43, nick="Bob\x1b[2J"))
    texts = [f'{{"change":"mute","person":"{person}"}}' for person in ("b" * 43, "g-" + "4f2c" * 8)]
    events = [
        Event(
            room="r",
            seq=1,
            term=1,
            nonce="n",
            author=Author(id="k" * 43, nick="Ada"),
            at=0,
            kind="rule",
            body=Body(text=text),
        )
        for text in texts
    ]
    assert [format_event(event, crowd)[6:] for event in events] == ["* Ada muted Bob [2J", "* Ada muted ·4f2c4f2c"]


def test_what_is_not_usual_at_a_door_stands_behind_a_room() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="r", name="tea", node=node, kind="home", members=0, top=0, online=True)
    closed = msgspec.structs.replace(info, door="invite", locked=True, listed=False, guests="read")
    assert format_room(info) == "tea\tempty\tdesk"
    assert format_room(closed) == "tea\tempty\tdesk\tby invitation, locked, in no list, guests only read"


def test_a_room_whose_home_does_not_answer_is_away() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="r", name="tea", node=node, kind="mirror", members=0, top=5, online=False)
    assert format_room(info) == "tea\tempty\tdesk\taway"


def test_a_mirror_on_a_full_disk_says_so() -> None:
    node = NodeInfo(id="n", name="desk")
    info = RoomInfo(id="r", name="tea", node=node, kind="mirror", members=0, top=5, online=True, refused="disk_full")
    assert format_room(info) == "tea\tempty\tdesk\tthe disk here is full: nothing more is kept"


def test_what_waits_says_for_which_machine() -> None:
    author = Author(id="k" * 43, nick="Ann\a")
    post = WaitingPost(nonce="n", author=author, kind="message", body=Body(text="one\ntwo"))
    assert format_waiting(post, "desk\x1b", Crowd()) == "--:-- Ann : one\n      two (waits for desk )"
