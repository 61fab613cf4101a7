"""Rules as people read them."""

from typing import get_args

import pytest

from lanchat.protocol import Change, Rule, write_rule
from lanchat.rooms.door.words import rule_words

TICKET, PROOF = "0a" * 32, "0b" * 32
ROOM, SALT = "0c" * 16, "0d" * 16


def words(rule: Rule) -> str:
    return rule_words(write_rule(rule), {"b" * 43: "Bob", "": ""}.__getitem__)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(change="door", door="invite"), "closed the door; one comes in by invitation"),
        (Rule(change="listed", on=False), "took the room out of all lists"),
        (Rule(change="guests", guests="read"), "lets guests read, but not write"),
        (Rule(change="slow", seconds=30), "turned slow mode on: one message in 30 seconds"),
        (Rule(change="slow"), "turned slow mode off"),
        (Rule(change="continues", seconds=30), "lets the room go on by itself after 30 seconds"),
        (Rule(change="continues"), "lets the room go on only where somebody says so"),
        (Rule(change="locked"), "locked the room"),
        (Rule(change="name", text="Garden"), "called the room “Garden”"),
        (Rule(change="topic", text="Roses"), "says what the room is about: Roses"),
        (Rule(change="topic"), "took back what the room is about"),
        (Rule(change="delete"), "deleted the room for everybody"),
        (Rule(change="unite", into=ROOM, salt=SALT), "let two rooms of this name become one"),
        (Rule(change="moderator", person="b" * 43, on=False), "made Bob a moderator no more"),
        (Rule(change="ban", person="b" * 43, address=True), "banned Bob and the address where they come from"),
        (Rule(change="ban", person="b" * 43, address=True, on=False), "lifted the ban of Bob"),
        (Rule(change="hide", person="b" * 43), "hid what Bob said"),
        (Rule(change="invite", ticket=TICKET, single=True), "made an invitation for one person"),
        (Rule(change="revoke", ticket=TICKET), "took an invitation back"),
        (Rule(change="admit", person="b" * 43, proof=PROOF), "let Bob in by an invitation"),
        (Rule(change="admit", person="b" * 43), "let Bob in"),
    ],
)
def test_a_rule_is_a_sentence_behind_a_name(rule: Rule, said: str) -> None:
    assert words(rule) == said


@pytest.mark.parametrize("change", ["delete", "kick", "hide", "revoke"])
def test_what_is_off_that_cannot_be_is_shown_as_a_rule_that_is_not_understood(change: Change) -> None:
    rule = Rule(
        change=change,
        on=False,
        person="b" * 43 if change in {"kick", "hide"} else "",
        ticket=TICKET if change == "revoke" else "",
    )
    assert words(rule) == rule_words("{", str)


@pytest.mark.parametrize("change", get_args(Change))
@pytest.mark.parametrize("on", [True, False])
def test_every_rule_has_words(change: Change, on: bool) -> None:
    about = change in {"moderator", "mute", "ban", "kick", "hide", "admit"}
    ticket = TICKET if change in {"invite", "revoke"} else ""
    always = change in {"admit", "name", "delete", "kick", "hide", "revoke", "unite"}
    text = "Garden" if change == "name" else ""
    into, salt = (ROOM, SALT) if change == "unite" else ("", "")
    person = "b" * 43 if about else ""
    rule = Rule(change=change, on=on or always, person=person, ticket=ticket, text=text, into=into, salt=salt)
    said = words(rule)
    assert "{" not in said
    assert ("Bob" in said) is about
    assert said != rule_words("{", str)


def test_what_is_no_rule_of_this_version_is_said_in_general() -> None:
    assert rule_words('{"change":"burn"}', str) == "changed what holds in the room"
