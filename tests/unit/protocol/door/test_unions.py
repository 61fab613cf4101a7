"""Whose word it is that a room goes on as another one."""

from msgspec.structs import replace

from lanchat.protocol import heir_of, takes_in
from tests.support.identity import key
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, THIRD = CHAIN.rooms
WORD = CHAIN.word(SECOND, FIRST)


def test_the_owner_of_a_room_says_as_which_one_with_a_smaller_id_it_goes_on() -> None:
    assert heir_of(SECOND, CHAIN.author.id, WORD.body.text) == FIRST


def test_nobody_else_says_it_and_of_no_other_room() -> None:
    assert heir_of(SECOND, Chain(key(2)).author.id, WORD.body.text) == ""
    assert heir_of(THIRD, CHAIN.author.id, WORD.body.text) == ""
    assert heir_of(SECOND, CHAIN.author.id, WORD.body.text.replace(FIRST, THIRD)) == "", "two would go round"
    assert heir_of(SECOND, CHAIN.author.id, '{"change":"locked"}') == heir_of(SECOND, CHAIN.author.id, "{") == ""


def test_a_room_takes_in_what_goes_on_as_it_or_as_one_that_does() -> None:
    further = CHAIN.word(THIRD, SECOND)
    said = (CHAIN.author.id, further.body.text)
    assert takes_in(SECOND, (), THIRD, *said)
    assert not takes_in(FIRST, (), THIRD, *said)
    assert takes_in(FIRST, {SECOND}, THIRD, *said)
    assert not takes_in(FIRST, {SECOND}, FIRST, *said)
    assert replace(further, room=FIRST).room == FIRST
