"""Who comes through a door, and who may say what behind it."""

import itertools

import pytest

from lanchat.errors import (
    Banned,
    Kicked,
    LimitReached,
    Muted,
    NeedsInvitation,
    NeedsPassphrase,
    NoGuests,
    NoSuchRoom,
    NotModerator,
    ReadOnly,
    RoomLocked,
    SlowMode,
)
from lanchat.journal import DoorRecord
from lanchat.limits import Limits
from lanchat.protocol import Author, Rule, proof_of, ticket_of, write_rule
from lanchat.rooms.door.doorway import KICK, Comer, Doorway, now_ms
from tests.support.rooms.doors import said

numbers = itertools.count()
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
    return Doorway(OWNER, clock, Limits(rules=50))


def hold(door: Doorway, *rules: Rule) -> Doorway:
    for rule in rules:
        assert door.take(said(rule, door.seq + 1, OWNER)) == rule
    return door


def author(person: str) -> Author:
    return Author(id=person, nick="x")


def say(door: Doorway, person: str, *, link: bool = False) -> None:
    door.check_post(author(person), "message", "", f"nonce {next(numbers)}", link=link)


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
    assert door.remembers


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
    door.check_post(author(BOB), "reaction", "", "r", link=False)
    say(door, ADA)
    for _ in range(3):
        say(door, OWNER)
    clock.now += 10
    say(door, BOB)
    hold(door, Rule(change="slow", seconds=0))
    say(door, BOB)


def test_rules_are_bounded(door: Doorway) -> None:
    text = write_rule(Rule(change="locked"))
    for _ in range(50):
        door.check_post(author(OWNER), "rule", text, "n", link=False)
        hold(door, Rule(change="locked"))
    with pytest.raises(LimitReached):
        door.check_post(author(OWNER), "rule", text, "n", link=False)


def test_a_rule_without_a_right_counts_and_does_nothing(door: Doorway) -> None:
    with pytest.raises(NotModerator):
        door.check_post(author(BOB), "rule", write_rule(Rule(change="locked")), "n", link=True)
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


def test_rules_about_who_comes_in_take_half_of_what_a_room_has(door: Doorway) -> None:
    """Everybody with a key makes them, and the owner must have some left."""
    for number in range(25):
        hold(door, Rule(change="invite", ticket=ticket_of(f"{number}"), seconds=1))
    invite = write_rule(Rule(change="invite", ticket=ticket_of("more"), seconds=1))
    with pytest.raises(LimitReached):
        door.check_post(author(BOB), "rule", invite, "n", link=True)
    door.check_post(author(OWNER), "rule", write_rule(Rule(change="locked")), "n", link=False)


def test_who_was_admitted_comes_in_here_and_by_another_node(door: Doorway) -> None:
    proof = proof_of("code")
    hold(door, Rule(change="door", door="invite"), Rule(change="invite", ticket=ticket_of(proof), seconds=9))
    for comer in (GUEST, Comer("9" * 32, person=BOB, guest=False)):
        with pytest.raises(NeedsInvitation):
            door.check_entry(comer)
        hold(door, Rule(change="admit", person=comer.person or comer.id, proof=proof))
        door.check_entry(comer)
    assert door.passes == set()


def test_a_room_in_no_list_is_found_by_name_by_who_was_in_it(door: Doorway) -> None:
    door.check_name(GUEST)
    hold(door, Rule(change="listed", on=False))
    assert door.remembers
    with pytest.raises(NoSuchRoom):
        door.check_name(GUEST)
    door.check_entry(GUEST)  # by its id
    door.passes.add(ADA)
    for comer in (GUEST, HERE, Comer(NODE, person=OWNER, guest=False)):
        door.check_name(comer)


def test_only_the_owner_sets_the_passphrase_wherever_their_node_is(door: Doorway) -> None:
    hold(door, Rule(change="moderator", person=BOB))
    door.check_owner(MASTER)
    door.check_owner(Comer(NODE, "192.0.2.2", OWNER, guest=False))
    for comer in (GUEST, LINK, HERE, Comer(NODE, person=BOB, guest=False)):
        with pytest.raises(NotModerator, match="owner"):
            door.check_owner(comer)


def test_who_was_kicked_just_before_a_start_stays_out_for_the_rest_of_the_time(clock: Clock) -> None:
    kicks = [
        said(Rule(change="kick", person=person), seq, OWNER, at=now_ms() - 1_000 * ago)
        for seq, (person, ago) in enumerate(((ADA, 20), (BOB, 90)), 1)
    ]
    door = Doorway(OWNER, clock)
    door.restore(OWNER, kicks, DoorRecord(b"", set(), set()))
    door.check_entry(HERE)
    with pytest.raises(Kicked):
        door.check_entry(GUEST)
    clock.now += KICK - 19
    door.check_entry(GUEST)
