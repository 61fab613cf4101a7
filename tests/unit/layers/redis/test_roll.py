"""Who is in a group, as Redis tells it."""

import hashlib
import math

from lanchat.layers.redis.roll import GroupRolls
from lanchat.layers.redis.wire import new_client

OURS, OTHERS = f"specific.{new_client()}!", f"specific.{new_client()}!"


def told(*members: tuple[float, str]) -> bytes:
    return "\n".join(f"{score!r} {name}" for score, name in members).encode()


def test_the_living_are_by_queue_and_the_dead_apart() -> None:
    roll = GroupRolls().read(
        "room", told((7.0, OURS + "a"), (9.0, OURS + "b"), (5.0, OTHERS + "c"), (1.0, "jobs")), 5.0
    )
    assert (roll.alive, roll.dead) == ([OURS + "a", OURS + "b", "jobs"], [OTHERS + "c"])
    assert roll.queues == {OURS: [OURS + "a", OURS + "b"], "jobs": ["jobs"]}
    assert roll.renewed == 7


def test_an_empty_group_is_empty() -> None:
    assert GroupRolls().read("room", b"", 5.0) == (
        [],
        [],
        {},
        math.inf,
        hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
    )


def test_one_may_be_left_out() -> None:
    roll = GroupRolls().read("room", told((7.0, OURS + "a"), (9.0, OURS + "b"), (8.0, OTHERS + "c")), 5.0)
    assert roll.without(None) == roll.without("elsewhere") == {OURS: [OURS + "a", OURS + "b"], OTHERS: [OTHERS + "c"]}
    assert roll.without(OURS + "a") == {OURS: [OURS + "b"], OTHERS: [OTHERS + "c"]}
    assert roll.without(OTHERS + "c") == {OURS: [OURS + "a", OURS + "b"]}
    assert roll.queues[OURS] == [OURS + "a", OURS + "b"]


def test_what_is_the_same_is_read_once_until_a_lease_runs_out() -> None:
    rolls, text = GroupRolls(), told((7.0, OURS + "a"), (9.0, OTHERS + "c"))
    first = rolls.read("room", text, 5.0)
    assert rolls.read("room", text, 6.9) is rolls.known("room", 6.9) is first
    assert rolls.known("room", 7.0) is rolls.known("other", 1.0) is None
    later = rolls.read("room", text, 7.0)
    assert (later.alive, later.dead) == ([OTHERS + "c"], [OURS + "a"])
    assert rolls.read("room", told((9.5, OTHERS + "c")), 7.0).alive == [OTHERS + "c"]


def test_not_every_group_is_remembered() -> None:
    rolls, text = GroupRolls(), told((7.0, OURS + "a"))
    first = rolls.read("first", text, 5.0)
    for number in range(256):
        rolls.read(f"room.{number}", text, 5.0)
    assert rolls.read("first", text, 5.0) is not first


def test_bytes_that_are_no_text_are_somebodys_name() -> None:
    assert len(GroupRolls().read("room", b"7 \xff\xfe", 5.0).alive) == 1
