"""Who comes through a door, and who may say what behind it."""

import pytest

from lanchat.errors import (
    Banned,
    Kicked,
    LimitReached,
    Muted,
    NeedsInvitation,
    NeedsPassphrase,
    NoGuests,
    NotModerator,
    ReadOnly,
    RoomLocked,
    SlowMode,
)
from lanchat.protocol import Author, Rule, write_rule
from lanchat.rooms.door.doorway import HELD, KICK, Comer, Doorway
from tests.support.rooms.doors import said

OWNER, ADA, BOB, NODE = "o" * 43, "g-" + "a" * 32, "b" * 43, "f" * 32
GUEST = Comer(ADA, "192.0.2.1")
LINK = Comer(NODE, "192.0.2.2", guest=False)
HERE = Comer(BOB, at_home=True, guest=False)
MASTER = Comer(OWNER, at_home=True, guest=False)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Doorway:
    return Doorway(OWNER, clock, most_rules=50)


def hold(door: Doorway, *rules: Rule) -> Doorway:
    for rule in rules:
        assert door.take(said(rule, door.seq + 1, OWNER)) == rule
    return door


def author(person: str) -> Author:
    return Author(id=person, nick="x")


def say(door: Doorway, person: str, *, link: bool = False) -> None:
    door.check_post(author(person), "message", "", link=link)


def test_an_open_room_lets_everybody_in(door: Doorway) -> None:
    for comer in (GUEST, LINK, HERE, MASTER):
        door.check_entry(comer)
        door.check_knock(comer)
        door.check_stay(comer)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (Rule(change="door", door="passphrase"), NeedsPassphrase),
        (Rule(change="door", door="invite"), NeedsInvitation),
        (Rule(change="locked"), RoomLocked),
    ],
)
def test_a_closed_door_lets_in_who_has_a_pass(door: Doorway, rule: Rule, error: type[Exception]) -> None:
    hold(door, rule)
    for comer in (GUEST, LINK):
        with pytest.raises(error):
            door.check_entry(comer)
        door.check_stay(comer)
        door.passes.add(comer.id)
        door.check_entry(comer)
    door.check_entry(HERE)
    door.check_entry(MASTER)
    assert door.needs_pass


def test_at_a_locked_door_nobody_knocks_but_who_was_in(door: Doorway) -> None:
    hold(door, Rule(change="locked"))
    with pytest.raises(RoomLocked):
        door.check_knock(GUEST)
    door.passes.add(GUEST.id)
    door.check_knock(GUEST)


@pytest.mark.parametrize("comer", [GUEST, LINK, HERE])
def test_who_is_banned_does_nothing(door: Doorway, comer: Comer) -> None:
    hold(door, Rule(change="ban", person=comer.id))
    door.passes.add(comer.id)
    for check in (door.check_entry, door.check_knock, door.check_stay):
        with pytest.raises(Banned):
            check(comer)
    with pytest.raises(Banned):
        say(door, comer.id)


def test_an_address_that_is_barred_is_so_for_everybody_from_there(door: Doorway) -> None:
    door.barred.add((GUEST.address, "somebody"))
    for comer in (GUEST, Comer(NODE, GUEST.address, guest=False)):
        with pytest.raises(Banned):
            door.check_entry(comer)
    door.check_entry(Comer(ADA, "192.0.2.9"))
    door.check_entry(HERE)


def test_who_is_kicked_comes_back_after_a_while(door: Doorway, clock: Clock) -> None:
    hold(door, Rule(change="kick", person=ADA))
    with pytest.raises(Kicked):
        door.check_entry(GUEST)
    clock.now += KICK
    door.check_entry(GUEST)


def test_guests_only_read_or_stay_out(door: Doorway) -> None:
    hold(door, Rule(change="guests", guests="read"))
    door.check_entry(GUEST)
    with pytest.raises(ReadOnly):
        say(door, ADA)
    say(door, BOB)
    hold(door, Rule(change="guests", guests="off"))
    with pytest.raises(NoGuests):
        door.check_entry(GUEST)
    with pytest.raises(NoGuests):
        say(door, ADA)
    door.check_entry(LINK)
    say(door, BOB)


def test_who_is_muted_writes_nothing_and_may_be_there(door: Doorway) -> None:
    hold(door, Rule(change="mute", person=BOB))
    door.check_entry(HERE)
    with pytest.raises(Muted):
        say(door, BOB)
    assert not door.may_write(author(BOB))
    assert door.may_write(author(OWNER))


def test_slow_mode_is_for_messages_of_people_without_an_office(door: Doorway, clock: Clock) -> None:
    hold(door, Rule(change="slow", seconds=10))
    say(door, BOB)
    with pytest.raises(SlowMode, match="10 seconds"):
        say(door, BOB)
    door.check_post(author(BOB), "reaction", "", link=False)
    say(door, ADA)
    for _ in range(3):
        say(door, OWNER)
    clock.now += 10
    say(door, BOB)
    hold(door, Rule(change="slow", seconds=0))
    say(door, BOB)


def test_what_waited_at_a_mirror_goes_through_slow_mode_up_to_a_bound(door: Doorway) -> None:
    hold(door, Rule(change="slow", seconds=10))
    for _ in range(HELD):
        say(door, BOB, link=True)
    with pytest.raises(LimitReached):
        say(door, BOB, link=True)


def test_rules_are_bounded(door: Doorway) -> None:
    text = write_rule(Rule(change="locked"))
    for _ in range(50):
        door.check_post(author(OWNER), "rule", text, link=False)
        hold(door, Rule(change="locked"))
    with pytest.raises(LimitReached):
        door.check_post(author(OWNER), "rule", text, link=False)


def test_a_rule_without_a_right_counts_and_does_nothing(door: Doorway) -> None:
    with pytest.raises(NotModerator):
        door.check_post(author(BOB), "rule", write_rule(Rule(change="locked")), link=True)
    assert door.take(said(Rule(change="kick", person=ADA), 1, BOB)) is None
    door.check_entry(GUEST)
    assert (door.seq, door.rules, door.policy.locked) == (1, 1, False)


def test_nobody_is_in_a_mirror_that_its_home_does_not_let_in(door: Doorway) -> None:
    door.outside = NeedsPassphrase("The home says so.")
    for check in (door.check_entry, door.check_stay):
        with pytest.raises(NeedsPassphrase, match="says so"):
            check(HERE)
    door.check_knock(HERE)


def test_only_people_of_this_node_let_others_in(door: Doorway) -> None:
    door.check_admission(HERE)
    for comer in (GUEST, LINK):
        with pytest.raises(NotModerator):
            door.check_admission(comer)


def test_a_node_without_the_passphrase_says_so(door: Doorway) -> None:
    hold(door, Rule(change="door", door="passphrase"))
    assert door.notice("r1").keyless
    door.key = b"x"
    assert not door.notice("r1").keyless
