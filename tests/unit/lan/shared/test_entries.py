"""What is taken of what lies in a stream."""

from typing import Any

import msgspec
import pytest

from lanchat.errors import InvalidFrame, LanchatError
from lanchat.journal import Draft
from lanchat.lan.shared.entries import MOST_BYTES, entry, event_of, filled, fitting_together, posted, recalled
from lanchat.protocol import Author, Body, Event, guest_id
from tests.support.journal.contract import ADA, ROOM, draft

HELLO = {"author": {"id": ADA.id, "nick": "Ada"}, "kind": "message", "body": {"text": "hello"}}


def lying(words: Any, *, place: bytes = b"7-0", **fields: bytes) -> Any:
    said = words if isinstance(words, bytes) else msgspec.json.encode(words)
    named = {"e": said, "n": b"nonce", "t": b"2", "a": b"1700000000000", **fields}
    return [place, [part for name, value in named.items() for part in (name.encode(), value)]]


def test_what_is_posted_is_what_is_taken() -> None:
    said = Draft(ROOM, "nonce", ADA, Body(text="hello"), signature="s", voucher="v", at=5)
    nonce, kind, who, target, at, words = posted(said)
    assert (nonce, kind, who, target, at) == ("nonce", "message", f"{ADA.id} v", "", 5)
    assert event_of(entry(lying(words)), ROOM, "") == Event(
        room=ROOM,
        seq=7,
        term=2,
        nonce="nonce",
        author=ADA,
        at=1_700_000_000_000,
        kind="message",
        body=Body(text="hello"),
        signature="s",
        voucher="v",
        apart=True,
    )


def test_what_is_brought_back_is_what_was_taken() -> None:
    event = event_of(entry(lying(HELLO)), ROOM, "")
    nonce, *_, term, at, words = filled(event)
    again = lying(words, n=str(nonce).encode(), t=str(term).encode(), a=str(at).encode())
    assert event_of(entry(again), ROOM, "") == event
    assert recalled(event) == (7, "nonce", 2, 1_700_000_000_000, words)


@pytest.mark.parametrize(
    "reply",
    [
        None,
        b"7-0",
        [b"7-0", None],
        [b"7-0", [b"e"]],
        lying(HELLO, place=b"7-1"),
        lying(HELLO, place=b"x-0"),
        lying(HELLO, t=b"one"),
        lying(HELLO, n=b"\xff"),
        [b"7-0", [b"e", b"{}", b"n", b"nonce"]],
        lying(b"x" * (MOST_BYTES + 1)),
    ],
)
def test_what_is_no_entry_is_refused(reply: Any) -> None:
    with pytest.raises(InvalidFrame, match="no entry"):
        entry(reply)


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"\x80\x04\x95",  # a pickle
        b"not JSON",
        b"[" * 5_000,
        [],
        {**HELLO, "run": "rm"},
        {**HELLO, "kind": "command"},
        {**HELLO, "author": {"id": "x" * 300, "nick": "Ada"}},
        {**HELLO, "author": {"id": ADA.id, "nick": "A" * 300}},
        {**HELLO, "body": {"text": "x" * 5_000}},
        {**HELLO, "body": {"text": ""}},
        {**HELLO, "kind": "edit"},
        {**HELLO, "kind": "rule", "body": {"text": "{}"}},
    ],
)
def test_what_nobody_could_have_said_is_refused(words: Any) -> None:
    with pytest.raises(LanchatError):
        event_of(entry(lying(words)), ROOM, "")


@pytest.mark.parametrize("fields", [{"t": b"0"}, {"t": b"-1"}, {"a": b"-1"}, {"n": b"n" * 300}])
def test_numbers_out_of_range_are_refused(fields: dict[str, bytes]) -> None:
    with pytest.raises(LanchatError):
        event_of(entry(lying(HELLO, **fields)), ROOM, "")


def test_so_many_go_together_as_fit() -> None:
    drafts = [draft(f"n{number}", "x" * 100) for number in range(10)]
    assert fitting_together(drafts, 4, 10_000) == 4
    assert fitting_together(drafts, 100, 350) == 3
    assert fitting_together(drafts, 100, 50) == 1
    assert fitting_together([], 100, 50) == 0


def test_a_guest_elsewhere_is_somebody_else() -> None:
    ada = Author(id=guest_id("ada"), nick="Ada")
    assert posted(Draft(ROOM, "n", ada, Body(text="a"), voucher="x"))[2] != posted(draft("n", "a", ada))[2]
