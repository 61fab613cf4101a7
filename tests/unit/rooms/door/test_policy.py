"""What holds in a room: rules in their order, made by who may make them."""

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import InvalidFrame, LimitReached, NotModerator
from lanchat.protocol import MAX_SLOW, Author, Body, Change, Entry, Event, Guests, Rule
from lanchat.rooms.door.policy import MOST_NAMED, Policy, fold
from tests.support.rooms.doors import said

OWNER, MODERATOR, OTHER, GUEST, BOB = "o" * 43, "m" * 43, "x" * 43, "g-" + "0" * 32, "b" * 43
OF_OWNER = ("door", "listed", "guests", "moderator", "delete")
PEOPLE = st.sampled_from([OWNER, MODERATOR, OTHER, GUEST, BOB, "f" * 32])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule that can be written."""
    change = draw(st.sampled_from(get_args(Change)))
    about = change in {"moderator", "mute", "ban", "kick", "hide"}
    return Rule(
        change=change,
        door=draw(st.sampled_from(get_args(Entry))),
        guests=draw(st.sampled_from(get_args(Guests))),
        on=draw(st.booleans()),
        seconds=draw(st.integers(0, MAX_SLOW)),
        person=draw(PEOPLE) if about else "",
        since=draw(st.integers(0, 10)),
        text=draw(st.sampled_from(["x", "Kitchen"])) if change in {"name", "topic"} else "",
    )


def events(pairs: list[tuple[str, Rule]]) -> list[Event]:
    return [said(rule, seq, author) for seq, (author, rule) in enumerate(pairs, 1)]


def policy(*pairs: tuple[str, Rule]) -> Policy:
    return fold(OWNER, events(list(pairs)))


MADE = (OWNER, Rule(change="moderator", person=MODERATOR))


@given(st.lists(st.tuples(st.sampled_from([OTHER, GUEST, BOB, "f" * 32, ""]), rules())))
def test_a_rule_of_somebody_without_a_right_changes_nothing(pairs: list[tuple[str, Rule]]) -> None:
    assert fold(OWNER, events(pairs)) == Policy(OWNER)


@given(st.lists(st.tuples(PEOPLE, rules())), st.lists(st.tuples(st.sampled_from([GUEST, "f" * 32]), rules())))
def test_what_others_say_in_between_changes_nothing(
    said_by_all: list[tuple[str, Rule]], noise: list[tuple[str, Rule]]
) -> None:
    mixed = list(itertools.chain.from_iterable(itertools.zip_longest(said_by_all, noise)))
    with_noise = [said(pair[1], seq, pair[0]) for seq, pair in enumerate(mixed, 1) if pair is not None]
    without = [event for event in with_noise if event.author.id not in {GUEST, "f" * 32}]
    assert fold(OWNER, with_noise) == fold(OWNER, without)


@given(st.lists(st.tuples(PEOPLE, rules())))
def test_the_owner_is_never_touched_and_moderators_have_keys(pairs: list[tuple[str, Rule]]) -> None:
    found = fold(OWNER, events(pairs))
    assert found.owner == OWNER
    assert OWNER not in found.muted | found.banned
    assert not {GUEST, "f" * 32} & found.moderators
    assert not found.moderators & found.banned


@given(st.lists(st.tuples(PEOPLE, rules())), st.integers(0, 20))
def test_a_fold_goes_on_where_another_one_ended(pairs: list[tuple[str, Rule]], cut: int) -> None:
    every = events(pairs)
    found = fold(OWNER, every[:cut])
    for event in every[cut:]:
        found = found.after(event)
    assert found == fold(OWNER, every)


@given(st.lists(st.tuples(PEOPLE, rules())))
def test_moderators_change_nothing_that_is_the_owners(pairs: list[tuple[str, Rule]]) -> None:
    found = fold(OWNER, events([MADE, *((MODERATOR, rule) for _, rule in pairs)]))
    assert (found.door, found.listed, found.guests) == ("open", True, "on")
    assert found.moderators == {MODERATOR}


def test_nobody_makes_rules_where_the_owner_is_not_known() -> None:
    assert fold("", events([("", Rule(change="locked")), (OWNER, Rule(change="locked"))])) == Policy("")


def test_the_later_rule_wins() -> None:
    on, off = (OWNER, Rule(change="locked")), (OWNER, Rule(change="locked", on=False))
    assert policy(on, off).locked is False
    assert policy(off, on).locked is True
    assert policy((OWNER, Rule(change="slow", seconds=5)), (OWNER, Rule(change="slow", seconds=9))).slow == 9


def test_a_moderator_may_until_the_owner_takes_it_back() -> None:
    taken = (OWNER, Rule(change="moderator", person=MODERATOR, on=False))
    mute = (MODERATOR, Rule(change="mute", person=BOB))
    assert policy(MADE, mute).muted == {BOB}
    assert policy(mute, MADE).muted == frozenset()
    assert policy(MADE, taken, mute).muted == frozenset()
    assert policy(MADE, mute, taken).muted == {BOB}


def test_moderators_do_nothing_to_each_other_and_the_owner_does() -> None:
    both = (MADE, (OWNER, Rule(change="moderator", person=OTHER)))
    assert policy(*both, (MODERATOR, Rule(change="ban", person=OTHER))).banned == frozenset()
    banned = policy(*both, (OWNER, Rule(change="ban", person=OTHER)))
    assert banned.banned == {OTHER}
    assert banned.moderators == {MODERATOR}


def test_who_becomes_a_moderator_is_let_in_again() -> None:
    before = ((OWNER, Rule(change="ban", person=MODERATOR)), (OWNER, Rule(change="mute", person=MODERATOR)))
    assert policy(*before, MADE) == policy(MADE)


@pytest.mark.parametrize("change", OF_OWNER)
def test_what_only_the_owner_may_is_refused_to_moderators(change: Change) -> None:
    rule = Rule(change=change, person=BOB if change == "moderator" else "")
    policy(MADE).check(OWNER, rule)
    with pytest.raises(NotModerator, match="owner"):
        policy(MADE).check(MODERATOR, rule)


def test_a_guest_becomes_no_moderator() -> None:
    with pytest.raises(InvalidFrame, match="guest"):
        Policy(OWNER).check(OWNER, Rule(change="moderator", person=GUEST))


def test_so_many_are_named_and_no_more() -> None:
    many = [(OWNER, Rule(change="ban", person=f"person {number}")) for number in range(MOST_NAMED + 1)]
    found = policy(*many)
    assert len(found.banned) == MOST_NAMED
    with pytest.raises(LimitReached):
        found.check(OWNER, many[-1][1])
    found.check(OWNER, Rule(change="ban", person="person 1", on=False))


def message(author: str, seq: int, at: int) -> Event:
    return Event(
        room="r1",
        seq=seq,
        term=1,
        nonce=f"m{seq}",
        author=Author(id=author, nick="x"),
        at=at,
        kind="message",
        body=Body(text="x"),
    )


def test_what_is_hidden_is_of_one_person_before_the_rule_and_after_a_time() -> None:
    found = fold(OWNER, [said(Rule(change="hide", person=BOB, since=100), 10, OWNER)])
    assert found.hides(message(BOB, 9, 100))
    assert not found.hides(message(BOB, 9, 99))
    assert not found.hides(message(BOB, 11, 100))
    assert not found.hides(message(GUEST, 9, 100))


def test_hiding_again_hides_more_and_never_less() -> None:
    rules_said = [Rule(change="hide", person=BOB, since=since) for since in (50, 100, 20)]
    found = fold(OWNER, [said(rule, 10 * (place + 1), OWNER) for place, rule in enumerate(rules_said)])
    assert found.hides(message(BOB, 5, 60))
    assert found.hides(message(BOB, 15, 120))
    assert found.hides(message(BOB, 25, 30))
    assert len(found.hidden) == 1


def test_a_text_that_is_no_rule_changes_nothing() -> None:
    broken = said(Rule(change="locked"), 1, OWNER)
    event = Event(
        **{name: getattr(broken, name) for name in broken.__struct_fields__ if name != "body"}, body=Body(text="{")
    )
    assert fold(OWNER, [event]) == Policy(OWNER)


def test_a_moderator_renames_and_the_last_name_counts_if_a_room_can_have_it() -> None:
    held = policy(MADE, (MODERATOR, Rule(change="name", text="Garden")), (OTHER, Rule(change="name", text="Mine")))
    assert (held.name, policy().name) == ("Garden", "")
    assert policy((OWNER, Rule(change="topic", text="x")), (OWNER, Rule(change="topic"))).topic == ""


def test_only_the_owner_ends_a_room_and_the_event_that_did_is_known() -> None:
    assert policy(MADE, (MODERATOR, Rule(change="delete"))).deleted is None
    ended = policy(MADE, (OWNER, Rule(change="delete")), (MODERATOR, Rule(change="locked")))
    assert ended.deleted is not None
    assert (ended.deleted.seq, ended.deleted.author.id) == (2, OWNER)
