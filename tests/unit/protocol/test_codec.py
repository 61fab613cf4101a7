import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import DiskFull, FrameError, InvalidFrame, LanchatError, NotJson, TextTooLong, UnknownFrame
from lanchat.protocol import (
    MAX_EMOJI,
    MAX_NONCE,
    MAX_PAGE,
    MAX_REF,
    MAX_TEXT,
    Announce,
    Answer,
    Author,
    Body,
    Command,
    Event,
    Hello,
    History,
    Join,
    Joined,
    NodeInfo,
    Post,
    Presence,
    Reply,
    Search,
)
from lanchat.protocol.codec import (
    Subject,
    check_command,
    decode_command,
    decode_reply,
    encode,
    error_frame,
    read_subject,
    subject_of,
)

COMMANDS: tuple[type[msgspec.Struct], ...] = Command.__args__
NOTICES: tuple[type[msgspec.Struct], ...] = Reply.__args__
NODE = NodeInfo(id="n1", name="Kitchen")
ADA = Author(id="a1", nick="Ada")


def frame(kind: str, /, **fields: Any) -> bytes:
    return json.dumps({"type": kind, **fields}).encode()


def post(**fields: Any) -> bytes:
    return frame("post", **{"room": "r1", "nonce": "n1", "text": "hello", **fields})


def read(data: str | bytes) -> Command:
    """Read a command and check it, as a consumer does."""
    command = decode_command(data)
    check_command(command)
    return command


def test_a_frame_is_one_json_object_named_by_its_type() -> None:
    assert json.loads(encode(Post(room="r1", nonce="n1", text="hi"))) == {
        "type": "post",
        "room": "r1",
        "nonce": "n1",
        "text": "hi",
    }


def test_text_is_sent_as_utf_8_and_not_escaped() -> None:
    assert "Grüße 👋" in encode(Post(room="r1", nonce="n1", text="Grüße 👋")).decode()


def test_fields_that_have_their_default_are_left_out() -> None:
    assert json.loads(encode(Join(room="r1"))) == {"type": "join", "room": "r1"}


def test_an_event_survives_the_wire() -> None:
    event = Event(room="r1", seq=7, term=1, nonce="n1", author=ADA, at=1, kind="message", body=Body(text="hi"))
    joined = Joined(room="r1", term=1, top=7, events=[event])
    assert decode_reply(encode(joined)) == joined


def test_presence_and_typing_go_both_ways() -> None:
    presence = Presence(room="r1", node=NODE, members=[ADA])
    assert decode_command(encode(presence)) == decode_reply(encode(presence)) == presence


def test_a_command_may_come_as_text_or_bytes() -> None:
    assert decode_command(post()) == decode_command(post().decode())


def test_unknown_fields_are_let_be_so_that_a_newer_client_is_understood() -> None:
    assert decode_command(post(colour="red")) == decode_command(post())


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"{", b'{"type":"post"', b"\xff\xfe", b'{"type":"leave","room":"\xff"}']
)
def test_what_is_no_json_is_told(data: bytes) -> None:
    with pytest.raises(NotJson):
        decode_command(data)


@pytest.mark.parametrize("data", [b"[]", b"5", b"null", b'"post"', b"{}", b'{"type":5}', b'{"type":null}'])
def test_what_is_no_object_with_a_type_is_told(data: bytes) -> None:
    with pytest.raises(InvalidFrame):
        decode_command(data)


def test_an_unknown_type_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownFrame, match=r"'shout'.*hello.*post"):
        decode_command(frame("shout"))


def test_a_long_unknown_type_is_cut_in_the_sentence() -> None:
    with pytest.raises(UnknownFrame) as caught:
        decode_command(frame("x" * 60_000))
    assert len(str(caught.value)) < 400


def test_what_only_a_node_may_send_is_no_command() -> None:
    only_notices = {kind.__struct_config__.tag for kind in NOTICES} - {kind.__struct_config__.tag for kind in COMMANDS}
    for kind in only_notices:
        with pytest.raises(UnknownFrame):
            decode_command(frame(str(kind)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (frame("post", nonce="n", text="t"), "room"),
        (post(text=5), "text"),
        (post(nonce=None), "nonce"),
        (frame("join", room="r1", since="1"), "since"),
        (frame("join", room="r1", since=True), "since"),
        (frame("join", room="r1", since=1.5), "since"),
        (frame("hello", version=1, client="robot"), "client"),
        (frame("presence", room="r1", node={"id": "n"}, members=[]), "name"),
    ],
)
def test_a_wrong_field_is_named(data: bytes, said: str) -> None:
    with pytest.raises(InvalidFrame, match=said):
        decode_command(data)


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


def test_a_hello_of_another_version_is_read_so_that_it_can_be_answered() -> None:
    assert decode_command(frame("hello", version=99, client="link")) == Hello(version=99, client="link")


def test_an_error_frame_says_which_command_and_whether_to_try_again() -> None:
    told = error_frame(DiskFull(), ref=7, nonce="n1", room="r1")
    assert (told.code, told.retry, told.ref, told.nonce, told.room) == ("disk_full", True, 7, "n1", "r1")
    assert told.message.startswith("The disk is full")
    assert decode_reply(encode(told)) == told


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_may_have_a_ref(kind: type[msgspec.Struct]) -> None:
    assert "ref" in kind.__struct_fields__


@pytest.mark.parametrize("kind", Answer.__args__)
def test_every_answer_may_have_one_and_nothing_else_that_only_a_node_sends(kind: type[msgspec.Struct]) -> None:
    assert "ref" in kind.__struct_fields__
    others = set(NOTICES) - set(Answer.__args__) - set(COMMANDS)
    assert [other for other in others if "ref" in other.__struct_fields__] == []


@pytest.mark.parametrize("ref", [0, 1, MAX_REF])
def test_a_ref_is_read(ref: int) -> None:
    assert read(post(ref=ref)).ref == ref


@pytest.mark.parametrize("ref", [-1, MAX_REF + 1, 2**63, 10**30, 1.0, 1.5, "1", True, None, []])
def test_a_ref_that_cannot_be_is_refused_and_named(ref: object) -> None:
    with pytest.raises(InvalidFrame, match="ref"):
        read(post(ref=ref))
    assert read_subject(post(ref=ref)) == Subject(0, "n1", "r1")


def test_what_an_error_says_of_a_command() -> None:
    assert subject_of(Post(room="r1", nonce="n1", ref=3)) == Subject(3, "n1", "r1")
    assert subject_of(Announce(text="x")) == Subject()


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        (frame("dance", ref=3, nonce="n", room="r"), Subject(3, "n", "r")),
        (frame("post", ref=3, nonce=4, room=["r"]), Subject(3, "", "")),
        (b'{"ref": 3}', Subject(3)),
        (b"[3]", Subject()),
        (b"{", Subject()),
        ("", Subject()),
        ('{"ref":3,"room":"\ud800"}', Subject()),
        ("[" * 30_000, Subject()),
    ],
)
def test_what_can_be_read_of_a_frame_that_is_no_command(data: str | bytes, subject: Subject) -> None:
    assert read_subject(data) == subject


def test_a_notice_that_is_none_is_told() -> None:
    with pytest.raises(NotJson):
        decode_reply(b"<html>")
    with pytest.raises(InvalidFrame, match="v2"):
        decode_reply(frame("shout"))


@pytest.mark.parametrize("size", [100, 30_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("before", ["", '{"type":"post","x":', '{"type":'])
def test_however_deep_a_frame_is_it_is_refused_and_nothing_else(before: str, opening: str, size: int) -> None:
    with pytest.raises(FrameError):
        decode_command(before + opening * (size // len(opening)))
    with pytest.raises(LanchatError):
        decode_reply(before + opening * (size // len(opening)))


@pytest.mark.parametrize("number", [2**63, 10**30])
@pytest.mark.parametrize("kind", ["join", "history"])
def test_numbers_that_no_database_can_hold_are_refused(kind: str, number: int) -> None:
    field = "since" if kind == "join" else "after"
    with pytest.raises(InvalidFrame):
        read(frame(kind, room="r1", **{field: number}))


def test_text_that_has_no_utf_8_is_refused() -> None:
    with pytest.raises(NotJson):
        decode_command('{"type":"leave","room":"\ud800"}')
    with pytest.raises(NotJson):
        decode_command(b'{"type":"leave","room":"\\ud800"}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = sorted({name for kind in COMMANDS for name in kind.__struct_fields__})
TYPES = [str(kind.__struct_config__.tag) for kind in COMMANDS]


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_data_is_a_command_or_refused(data: str | bytes) -> None:
    with contextlib.suppress(FrameError):
        read(data)


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_object_is_a_command_or_refused_in_one_line(kind: str, fields: dict[str, Any]) -> None:
    try:
        command = read(frame(kind, **fields))
    except FrameError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert read(encode(command)) == command
    assert "\n" not in refusal


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
