import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import DiskFull, FrameError, InvalidFrame, LanchatError, NotJson, UnknownFrame
from lanchat.protocol import (
    MAX_REF,
    Announce,
    Answer,
    Author,
    Body,
    Command,
    Event,
    Hello,
    Join,
    Joined,
    NodeInfo,
    Post,
    Presence,
    Reply,
)
from lanchat.protocol.codec import (
    Subject,
    decode_command,
    decode_reply,
    encode,
    error_frame,
    read_subject,
    subject_of,
)
from tests.support.frames import frame, post, read

COMMANDS: tuple[type[msgspec.Struct], ...] = Command.__args__
NOTICES: tuple[type[msgspec.Struct], ...] = Reply.__args__
NODE = NodeInfo(id="n1", name="Kitchen")
ADA = Author(id="a1", nick="Ada")


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
    assert len(str(caught.value)) < 600


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
