"""What holds in a room: rules in their order, made by who may make them."""

import itertools
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import Banned, InvalidFrame, InvalidInvitation, LimitReached, NotModerator, RoomLocked
from lanchat.protocol import MAX_SLOW, Author, Body, Change, Entry, Event, Guests, Rule, proof_of, ticket_of
from lanchat.protocol.policy import MOST_NAMED, Policy, fold, followed
from tests.support.rooms.doors import said

OWNER, MODERATOR, OTHER, GUEST, BOB = "o" * 43, "m" * 43, "x" * 43, "g-" + "0" * 32, "b" * 43
OF_OWNER = ("door", "listed", "guests", "moderator", "delete")
PROOFS = [proof_of(code) for code in ("one", "two", "three")]
PEOPLE = st.sampled_from([OWNER, MODERATOR, OTHER, GUEST, BOB, "f" * 32])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule that can be written."""
    change = draw(st.sampled_from(get_args(Change)))
    about = change in {"moderator", "mute", "ban", "kick", "hide", "admit"}
    proof = draw(st.sampled_from(PROOFS))
    return Rule(
        change=change,
        door=draw(st.sampled_from(get_args(Entry))),
        guests=draw(st.sampled_from(get_args(Guests))),
        on=change == "admit" or draw(st.booleans()),
        seconds=draw(st.integers(10, MAX_SLOW)) if change in {"slow", "continues", "invite"} else 0,
        person=draw(PEOPLE) if about else "",
        since=draw(st.integers(0, 10)),
        ticket=ticket_of(proof) if change in {"invite", "revoke"} else "",
        single=draw(st.booleans()),
        proof=draw(st.sampled_from(["", proof])) if change == "admit" else "",
        text=draw(st.sampled_from(["x", "Kitchen"])) if change in {"name", "topic"} else "",
    )


def events(pairs: list[tuple[str, Rule]]) -> list[Event]:
    return [said(rule, seq, author) for seq, (author, rule) in enumerate(pairs, 1)]


def policy(*pairs: tuple[str, Rule]) -> Policy:
    return fold(OWNER, events(list(pairs)))


MADE = (OWNER, Rule(change="moderator", person=MODERATOR))


@given(st.lists(st.tuples(st.sampled_from([OTHER, GUEST, BOB, "f" * 32, ""]), rules())))
def test_a_rule_of_somebody_without_a_right_changes_nothing(pairs: list[tuple[str, Rule]]) -> None:
    found = fold(OWNER, events(pairs))
    assert msgspec.structs.replace(found, invitations=(), admitted=frozenset()) == Policy(OWNER)
    assert {each.by for each in found.invitations} <= {OTHER, BOB}


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
        found, _ = found.follow(event)
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
    assert policy((OWNER, Rule(change="continues", seconds=30))).continues == 30
    assert policy(MADE, (MODERATOR, Rule(change="continues", seconds=30))).notice("r", keyless=False).continues == 30


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
    policy(MADE).check(OWNER, rule, 0)
    with pytest.raises(NotModerator, match="owner"):
        policy(MADE).check(MODERATOR, rule, 0)


def test_a_guest_becomes_no_moderator() -> None:
    with pytest.raises(InvalidFrame, match="guest"):
        Policy(OWNER).check(OWNER, Rule(change="moderator", person=GUEST), 0)


def test_so_many_are_named_and_no_more() -> None:
    many = [(OWNER, Rule(change="ban", person=f"person {number}")) for number in range(MOST_NAMED + 1)]
    found = policy(*many)
    assert len(found.banned) == MOST_NAMED
    with pytest.raises(LimitReached):
        found.check(OWNER, many[-1][1], 0)
    found.check(OWNER, Rule(change="ban", person="person 1", on=False), 0)


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


# Who is let in --------------------------------------------------------------------------------------------------------

CODE = "pVJ3xQ0nS1aYb7cRk2mWzg"
PROOF = proof_of(CODE)
TICKET = ticket_of(PROOF)
CLOSED = (OWNER, Rule(change="door", door="invite"))
SINGLE = (BOB, Rule(change="invite", ticket=TICKET, single=True, seconds=60))
MANY = (BOB, Rule(change="invite", ticket=TICKET, seconds=60))


def admitted(person: str, by: str = OTHER) -> tuple[str, Rule]:
    return by, Rule(change="admit", person=person, proof=PROOF)


def test_a_single_invitation_lets_in_who_is_numbered_first_wherever_they_came() -> None:
    found = policy(CLOSED, SINGLE, admitted(GUEST, BOB), admitted(OTHER, MODERATOR))
    assert found.admitted == {GUEST}
    assert found.invitations == ()
    with pytest.raises(InvalidInvitation):
        found.check(*admitted(OTHER), 0)


def test_one_for_many_lets_in_everybody_until_its_time_is_over_by_the_clock_of_the_home() -> None:
    def at(pair: tuple[str, Rule], seq: int, time: int) -> Event:
        return said(pair[1], seq, pair[0], at=time)

    found = fold(OWNER, [at(MANY, 1, 1_000), at(admitted(GUEST), 2, 60_999), at(admitted(OTHER), 3, 61_000)])
    assert found.admitted == {GUEST}
    (made,) = found.standing(60_999)
    assert (made.ticket, made.by, made.single, made.until) == (TICKET, BOB, False, 61_000)
    assert found.standing(61_000) == ()


def test_an_invitation_is_taken_back_by_who_made_it_and_by_moderators() -> None:
    back = Rule(change="revoke", ticket=TICKET)
    for person in (BOB, OWNER, MODERATOR):
        assert policy(MADE, MANY, (person, back), admitted(GUEST)).admitted == frozenset()
    assert policy(MADE, MANY, (OTHER, back), admitted(GUEST)).admitted == {GUEST}
    with pytest.raises(NotModerator):
        policy(MANY).check(OTHER, back, 0)
    with pytest.raises(InvalidInvitation):
        policy(MADE).check(OWNER, back, 0)


def test_nobody_is_let_in_by_what_everybody_in_the_room_can_read() -> None:
    guessed = Rule(change="admit", person=OTHER, proof=TICKET)
    assert policy(MANY, (OTHER, guessed)).admitted == frozenset()
    with pytest.raises(NotModerator):
        policy(MANY).check(OTHER, Rule(change="admit", person=OTHER), 0)


def test_a_moderator_lets_in_without_an_invitation_also_into_a_locked_room() -> None:
    locked = (OWNER, Rule(change="locked"))
    let_in = Rule(change="admit", person=BOB)
    assert policy(MADE, locked, (MODERATOR, let_in)).admitted == {BOB}
    with pytest.raises(RoomLocked):
        policy(MADE, MANY, locked).check(*admitted(GUEST), 0)


def test_who_is_banned_is_not_let_in_and_silenced_people_let_nobody_in() -> None:
    banned = (OWNER, Rule(change="ban", person=GUEST))
    assert policy(MANY, admitted(GUEST), banned).admitted == frozenset()
    with pytest.raises(Banned):
        policy(MANY, banned).check(*admitted(GUEST), 0)
    for change in ("ban", "mute"):
        with pytest.raises(NotModerator):
            policy((OWNER, Rule(change=change, person=BOB))).check(*SINGLE, 0)


def test_a_door_that_closes_anew_keeps_nobody_who_was_let_in_before() -> None:
    for door in get_args(Entry):
        found = policy(CLOSED, MANY, admitted(GUEST), (OWNER, Rule(change="door", door=door)))
        assert (found.admitted == {GUEST}) is (door != "passphrase")
    again = policy((OWNER, Rule(change="door", door="open")), MANY, admitted(GUEST), CLOSED)
    assert again.admitted == frozenset()


def test_so_many_invitations_stand_and_each_once() -> None:
    many = [(BOB, Rule(change="invite", ticket=ticket_of(str(number)), seconds=60)) for number in range(MOST_NAMED + 1)]
    found = policy(*many)
    assert len(found.invitations) == MOST_NAMED
    with pytest.raises(LimitReached):
        found.check(*many[-1], 0)
    with pytest.raises(InvalidInvitation, match="already"):
        found.check(*many[0], 0)


def test_each_rule_that_holds_is_told_from_those_that_change_nothing() -> None:
    pairs = [MADE, (MODERATOR, Rule(change="locked")), (BOB, Rule(change="locked", on=False))]
    told = [rule for _, _, rule in followed(OWNER, [*events(pairs), *events(pairs)[1:2]])]
    assert told == [MADE[1], pairs[1][1], None, None]
