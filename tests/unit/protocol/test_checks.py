"""What the types of commands do not say, and who is refused by it."""

from typing import Any

import pytest

from lanchat.errors import InvalidFrame, TextTooLong
from lanchat.protocol import (
    MAX_BROUGHT,
    MAX_EMOJI,
    MAX_NONCE,
    MAX_PAGE,
    MAX_TEXT,
    Announce,
    Bring,
    History,
    Join,
    Post,
    Search,
)
from tests.support.frames import frame, post, read


def test_the_longest_text_is_counted_in_code_points() -> None:
    assert isinstance(read(post(text="👋" * MAX_TEXT)), Post)
    with pytest.raises(TextTooLong, match=str(MAX_TEXT)):
        read(post(text="a" * (MAX_TEXT + 1)))


@pytest.mark.parametrize("text", ["", " ", "\n\t  \u2003"])
def test_a_text_without_a_visible_character_is_refused(text: str) -> None:
    with pytest.raises(InvalidFrame, match="empty"):
        read(post(text=text))


def test_a_nonce_has_its_length() -> None:
    assert isinstance(read(post(nonce="n" * MAX_NONCE)), Post)
    for nonce in ("", "n" * (MAX_NONCE + 1)):
        with pytest.raises(InvalidFrame, match="nonce"):
            read(post(nonce=nonce))


def test_the_ranges_of_join() -> None:
    assert read(frame("join", room="r1", since=0, limit=0)) == Join(room="r1", since=0, limit=0)
    assert read(frame("join", room="r1", limit=MAX_PAGE)) == Join(room="r1", limit=MAX_PAGE)
    for wrong in ({"since": -1}, {"since": 2**63}, {"limit": -1}, {"limit": MAX_PAGE + 1}):
        with pytest.raises(InvalidFrame, match="join"):
            read(frame("join", room="r1", **wrong))


@pytest.mark.parametrize("since", ["x", "7", 1.5, None, True, [7]])
def test_a_cursor_that_is_no_number_is_refused_by_name(since: object) -> None:
    with pytest.raises(InvalidFrame, match=r"join: .*since"):
        read(frame("join", room="r1", since=since))


@pytest.mark.parametrize("last", ["n1", {"nonce": "n1"}, {"nonce": 1, "at": 1}, {"nonce": "n1", "at": "now"}])
def test_a_mark_that_is_none_is_refused_by_name(last: object) -> None:
    with pytest.raises(InvalidFrame, match=r"join: .*last"):
        read(frame("join", room="r1", since=1, last=last))


def test_history_has_one_direction() -> None:
    assert read(frame("history", room="r1", before=5)) == History(room="r1", before=5)
    assert read(frame("history", room="r1", after=0, limit=1)) == History(room="r1", after=0, limit=1)
    assert read(frame("history", room="r1", around="n7")) == History(room="r1", around="n7")
    for wrong in (
        {},
        {"before": 5, "after": 1},
        {"before": 5, "around": "n5"},
        {"around": 5},
        {"around": ""},
        {"around": "n" * (MAX_NONCE + 1)},
        {"before": -1},
        {"after": -1},
        {"after": 1, "limit": 0},
    ):
        with pytest.raises(InvalidFrame, match="history"):
            read(frame("history", room="r1", **wrong))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "edit", "text": "better", "target": "n1"},
        {"kind": "reaction", "text": "", "target": "n" * MAX_NONCE, "emoji": "👍"},
        {"kind": "reaction", "text": "", "target": "n1", "emoji": "👩‍🔬"[:MAX_EMOJI], "off": True},
        {"kind": "deletion", "text": "", "target": "n1"},
    ],
)
def test_a_change_names_its_message(fields: dict[str, Any]) -> None:
    assert isinstance(read(post(**fields)), Post)
    for target in ("", "n" * (MAX_NONCE + 1), 1, None):
        with pytest.raises(InvalidFrame, match="target"):
            read(post(**{**fields, "target": target}))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": "n3"}, "target"),
        ({"kind": "edit", "target": "n1", "text": " "}, "empty"),
        ({"kind": "reaction", "target": "n1"}, "emoji"),
        ({"kind": "reaction", "target": "n1", "emoji": "x" * (MAX_EMOJI + 1)}, "emoji"),
        ({"kind": "reaction", "target": "n1", "emoji": "\n"}, "emoji"),
        ({"kind": "reaction", "target": "n1", "emoji": "👍", "text": "x" * (MAX_TEXT + 1)}, "whatever the kind"),
        ({"kind": "deletion", "target": "n1", "emoji": "x" * (MAX_EMOJI + 1)}, "whatever the kind"),
        ({"kind": "topic"}, "kind"),
    ],
)
def test_a_change_that_is_none_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidFrame, match=said):
        read(post(**fields))


def test_a_search_wants_words_and_has_its_ranges() -> None:
    assert read(frame("search", room="r1", text="soup")) == Search(room="r1", text="soup")
    for wrong in ({"text": " "}, {"before": -1}, {"limit": 0}, {"limit": MAX_PAGE + 1}):
        with pytest.raises(InvalidFrame, match="search"):
            read(frame("search", **{"room": "r1", "text": "soup", **wrong}))


def test_an_announcement_says_something_that_is_not_too_long() -> None:
    assert isinstance(read(frame("announce", text="Lunch!")), Announce)
    with pytest.raises(InvalidFrame, match="announce"):
        read(frame("announce", text=""))
    with pytest.raises(TextTooLong):
        read(frame("announce", text="a" * (MAX_TEXT + 1)))


@pytest.mark.parametrize("number", [2**63, 10**30])
@pytest.mark.parametrize("kind", ["join", "history"])
def test_numbers_that_no_database_can_hold_are_refused(kind: str, number: int) -> None:
    field = "since" if kind == "join" else "after"
    with pytest.raises(InvalidFrame):
        read(frame(kind, room="r1", **{field: number}))


FINE = {"id": "n-1_a", "name": "Küche 🍲 \u200d laptop"}
ODD_NODES = [
    {**FINE, "name": "x" * 65},
    {**FINE, "name": "x" * 60_000},
    {**FINE, "name": ""},
    {**FINE, "name": "two\nlines"},
    {**FINE, "name": "\x1b[31mred"},
    {**FINE, "name": "\u202egnp.exe"},
    {**FINE, "id": ""},
    {**FINE, "id": "x" * 65},
    {**FINE, "id": "a b"},
    {**FINE, "id": "ä"},
]


@pytest.mark.parametrize("node", ODD_NODES, ids=lambda node: f"{node['id']:.6} {node['name']!a:.12}")
def test_what_a_node_says_of_itself_is_short_and_visible(node: dict[str, str]) -> None:
    frames: dict[str, dict[str, Any]] = {
        "hello": {"version": 2, "client": "link", "room": "r1", "nonce": "n" * 43},
        "presence": {"room": "r1", "members": []},
        "receipts": {"room": "r1"},
    }
    for kind, fields in frames.items():
        read(frame(kind, node=FINE, **fields))
        with pytest.raises(InvalidFrame, match=f"{kind}: .* node"):
            read(frame(kind, node=node, **fields))


def test_ids_that_are_repeated_to_others_are_short() -> None:
    into = {"id": "r2", "name": "Desk"}
    read(frame("typing", room="r1", node="n" * 64))
    read(frame("invite", room="r1", to="p" * 64, into=into))
    step = {"room": "r1", "to": "p" * 64, "transaction": "t" * 64, "step": "key", "data": "x" * 64}
    read(frame("verify", **step))
    for wrong in (
        frame("typing", room="r1", node="n" * 65),
        frame("invite", room="r1", to="p" * 65, into=into),
        frame("invite", room="r1", to="p1", into={**into, "id": "r" * 65}),
        frame("verify", **step | {"to": "p" * 65}),
        frame("verify", **step | {"transaction": ""}),
    ):
        with pytest.raises(InvalidFrame, match="1 to 64 letters"):
            read(wrong)
    for wrong in (frame("verify", **step | {"data": "x" * 65}), frame("verify", **step | {"step": "words"})):
        with pytest.raises(InvalidFrame):
            read(wrong)


def test_a_comparison_is_begun_with_somebody_and_goes_on_by_its_transaction() -> None:
    read(frame("compare", action="begin", room="r1", person="p1"))
    read(frame("compare", action="match", transaction="t1"))
    for fields in (
        {"action": "begin", "room": "r1"},
        {"action": "begin", "room": "r1", "person": "p1", "transaction": "t1"},
        {"action": "match"},
        {"action": "match", "transaction": "t1", "room": "r1", "person": "p1"},
        {"action": "agree", "transaction": "t1"},
    ):
        with pytest.raises(InvalidFrame):
            read(frame("compare", **fields))


def test_more_people_than_there_are_have_read_nothing() -> None:
    read(frame("receipts", room="r1", node=FINE, read=[[2**62, 1_000_000]]))
    with pytest.raises(InvalidFrame, match="1000000 people"):
        read(frame("receipts", room="r1", node=FINE, read=[[1, 2**62]]))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("hello", {"nonce": "n" * 43}, {"nonce": "n" * 42}),
        ("hello", {"nonce": "_-" + "9" * 41}, {"nonce": "+" * 43}),
        ("hello", {"room": "r" * 64}, {"room": "r" * 65}),
        ("hello", {"room": "r1"}, {"room": ""}),
        ("hello", {"secret": "s" * 22}, {"secret": "s" * 21}),
        ("hello", {"secret": "s" * 128}, {"secret": "s" * 129}),
        ("prove", {"certificate": "c" * 4096}, {"certificate": "c" * 4097}),
        ("prove", {"signature": "s" * 4096}, {"signature": "s" * 4097}),
    ],
)
def test_what_a_link_and_a_guest_say_of_themselves_is_bounded(
    kind: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    fields: dict[str, dict[str, Any]] = {
        "hello": {"version": 2, "client": "link", "node": FINE, "room": "r1", "nonce": "n" * 43},
        "prove": {"certificate": "", "signature": ""},
    }
    read(frame(kind, **{**fields[kind], **right}))
    with pytest.raises(InvalidFrame, match=f"{kind}: "):
        read(frame(kind, **{**fields[kind], **wrong}))


def test_what_is_brought_is_of_one_room_and_says_by_whom_and_when() -> None:
    said = {"type": "post", "room": "r1", "nonce": "n", "text": "x", "author": {"id": "a", "nick": "A"}, "at": 1}
    assert isinstance(read(frame("bring", room="r1", posts=[said] * MAX_BROUGHT)), Bring)
    for wrong in ({"room": "r2"}, {"author": None}, {"at": 0}, {"at": -1}, {"nonce": ""}, {"text": ""}):
        with pytest.raises(InvalidFrame, match=r"bring|post"):
            read(frame("bring", room="r1", posts=[said, said | wrong]))
    for count in (0, MAX_BROUGHT + 1):
        with pytest.raises(InvalidFrame, match="bring: there are 1 to 64 posts"):
            read(frame("bring", room="r1", posts=[said] * count))


def test_what_was_said_in_another_room_says_when_and_in_which() -> None:
    assert isinstance(read(post(origin="0" * 32, at=5)), Post)
    for wrong in ({"origin": "0" * 32}, {"origin": "no room", "at": 5}, {"origin": "0" * 65, "at": 5}):
        with pytest.raises(InvalidFrame, match="origin"):
            read(post(**wrong))
