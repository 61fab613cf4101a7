"""What a home may say, trick by trick. What comes of it in a whole node: test_hostile.py."""

from typing import Any

import msgspec
import pytest

from lanchat.errors import LanchatError
from lanchat.lan.link.checks import checked
from lanchat.protocol import Error, Event, Invite, Joined, Presence, Reply, decode_reply
from tests.support.lan.hostile import NODE, ROOM, event, joined

OWNER = "owner-owner-owner"
HUGE = "x" * 100_000


def said(**frame: Any) -> Reply:
    about = {} if frame["type"] == "notification" else {"room": ROOM}
    return decode_reply(msgspec.json.encode(about | frame))


def take(frame: dict[str, Any]) -> Reply | None:
    return checked(said(**frame), ROOM, OWNER)


NODE_SAYS = {"id": NODE.id, "name": NODE.name}
PERSON = {"id": "mallory-mallory", "nick": "Mallory"}
PRESENCE = {"type": "presence", "node": NODE_SAYS, "members": [PERSON]}
RECEIPTS = {"type": "receipts", "node": NODE_SAYS}
TYPING = {"type": "typing", "node": NODE.id, "author": PERSON}
INVITE = {"type": "invite", "to": OWNER, "into": {"id": "r2", "name": "Desk"}, "author": PERSON}
STEP = {"type": "verify", "to": OWNER, "transaction": "t1", "step": "start", "author": PERSON}
ANNOUNCEMENT = {"type": "notification", "kind": "announcement", "author": PERSON, "at": 1, "text": "Lunch"}

REFUSED = {
    "a step that carries a book": STEP | {"data": HUGE},
    "a step of an endless comparison": STEP | {"transaction": HUGE},
    "a step of another room": STEP | {"room": "other"},
    "a step of somebody with an endless name": STEP | {"author": PERSON | {"nick": HUGE}},
    "a text of 1,000,000 characters": event(body={"text": "x" * 1_000_000}),
    "an empty text": event(body={"text": "  "}),
    "a long text where none belongs": event(kind="deletion", body={"target": "n1", "text": "x" * 5000}),
    "a long emoji where none belongs": event(body={"text": "x", "emoji": HUGE}),
    "an emoji that is a text": event(kind="reaction", body={"target": "n1", "emoji": HUGE}),
    "an emoji that is an escape": event(kind="reaction", body={"target": "n1", "emoji": "\x1b[2J"}),
    "a message with a target": event(body={"text": "x", "target": "n1"}),
    "an edit without a target": event(kind="edit", body={"text": "x"}),
    "an endless target": event(kind="deletion", body={"target": HUGE}),
    "an endless nonce": event(nonce=HUGE),
    "no nonce": event(nonce=""),
    "a name of 100 KB": event(author={"nick": HUGE}),
    "an id that is none": event(author={"id": "a\nb"}),
    "an endless id": event(author={"id": HUGE}),
    "a time before all times": event(at=-1),
    "a time that no clock has": event(at=2**62),
    "a number below the first": event(0),
    "a number that no table takes": event(2**60),
    "a term that no table takes": event(term=2**80),
    "an event of another room": event(room="other"),
    "a page of another room": {"type": "page", "room": "other", "events": []},
    "a page that hides one": {"type": "page", "events": [event(), event(2, at=-1)]},
    "a page of too many": {"type": "page", "events": [event(seq) for seq in range(1, 502)]},
    "a page from nowhere": {"type": "page", "events": [], "oldest": -5},
    "a term that nobody reaches again": joined(term=2**70),
    "a top that is never reached": joined(top=2**70),
    "a heartbeat that is never reached": {"type": "heartbeat", "tops": {ROOM: 2**50}},
    "another room's start over": {"type": "start_over", "room": "other", "top": 1},
    "presence in another room": PRESENCE | {"room": "other"},
    "somebody without an id": PRESENCE | {"members": [{"id": "", "nick": "x"}]},
    "somebody with an endless name": PRESENCE | {"members": [{"id": "long-long-long", "nick": HUGE}]},
    "a node with an endless name": PRESENCE | {"node": {"id": NODE.id, "name": HUGE}},
    "a node with an endless id": PRESENCE | {"node": {"id": HUGE, "name": "x"}},
    "read by 9e18": RECEIPTS | {"read": [[1, 9 * 10**18]]},
    "read to 9e18": RECEIPTS | {"read": [[9 * 10**18, 1]]},
    "kept below nothing": RECEIPTS | {"kept": -1},
    "receipts of another room": RECEIPTS | {"room": "other"},
    "typing in another room": TYPING | {"room": "other"},
    "typing from an endless node": TYPING | {"node": HUGE},
    "an invitation with a line break": INVITE | {"into": {"id": "r2", "name": "a\nb"}},
    "an invitation into an endless id": INVITE | {"into": {"id": HUGE, "name": "x"}},
    "an endless announcement": ANNOUNCEMENT | {"text": HUGE},
    "an announcement from the future": ANNOUNCEMENT | {"at": 2**70},
}


@pytest.mark.parametrize("frame", REFUSED.values(), ids=REFUSED.keys())
def test_what_no_guest_could_say_is_refused_and_the_reason_is_short(frame: dict[str, Any]) -> None:
    with pytest.raises(LanchatError) as refused:
        take(frame)
    assert 10 < len(str(refused.value)) < 200
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "frame",
    [
        event(),
        joined(event()),
        {"type": "page", "events": [event()]},
        PRESENCE,
        RECEIPTS,
        TYPING,
        INVITE,
        ANNOUNCEMENT,
        {"type": "heartbeat", "tops": {ROOM: 3, "other": 2**70}},
        {"type": "done"},
        {"type": "start_over", "top": 1},
    ],
    ids=lambda frame: frame["type"],
)
def test_what_a_home_says_every_day_passes_as_it_is(frame: dict[str, Any]) -> None:
    assert take(frame) == said(**frame)


@pytest.mark.parametrize("frame", [TYPING, INVITE, ANNOUNCEMENT], ids=lambda frame: frame["type"])
def test_nobody_elsewhere_is_the_owner(frame: dict[str, Any]) -> None:
    """But it ends no connection: any guest of the home can claim it."""
    assert take(frame | {"author": {"id": OWNER, "nick": "Ada"}}) is None
    there = take(PRESENCE | {"members": [PERSON, {"id": OWNER, "nick": "Ada"}]})
    assert isinstance(there, Presence)
    assert [member.nick for member in there.members] == ["Mallory"]


@pytest.mark.parametrize(
    ("nick", "shown"),
    [
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("a\u202eb", "a\ufffdb"),
        ("x" * 30, "x" * 24),
        ("", "Someone"),
        ("\n", "Someone"),
    ],
)
def test_names_from_older_days_are_made_tidy(nick: str, shown: str) -> None:
    taken = take(event(author={"nick": nick}))
    assert isinstance(taken, Event)
    assert taken.author.nick == shown
    page = take(joined(event(author={"nick": nick})))
    assert isinstance(page, Joined)
    assert page.events[0].author.nick == shown


def test_an_emoji_that_is_newer_than_this_python_passes() -> None:
    taken = take(event(kind="reaction", body={"target": "n1", "emoji": "\U0001fbff"}))
    assert isinstance(taken, Event)
    assert taken.body.emoji == "\U0001fbff"


def test_an_error_is_one_short_line() -> None:
    forged = take({"type": "error", "code": "a\nb", "message": "x\n2026 CRITICAL all is lost " + HUGE, "retry": True})
    assert isinstance(forged, Error)
    assert (forged.code, len(forged.message), forged.message.isprintable()) == ("error", 200, True)


def test_an_invitation_names_a_tidy_room() -> None:
    taken = take(INVITE | {"into": {"id": "r2", "name": " Desk  two "}})
    assert isinstance(taken, Invite)
    assert taken.into.name == "Desk two"
