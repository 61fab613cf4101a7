"""Where people are to go whose room is not here any more."""

from typing import cast

import pytest

from lanchat.protocol.policy import fold
from lanchat.rooms import Room
from lanchat.rooms.uniting import Successors
from lanchat.rooms.uniting import successors as module
from tests.support.identity import key
from tests.support.rooms.doors import Hall
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, THIRD = CHAIN.rooms


def hall() -> Room:
    return cast("Room", Hall(CHAIN.author.id))


def test_a_room_that_gave_way_is_followed_as_far_as_it_goes() -> None:
    last = hall()
    moves = Successors({"c": last})
    moves.note("a", "b")
    moves.note("b", "c")
    assert moves.successor("a") is moves.successor("b") is last
    assert moves.successor("never here") is None


def test_only_the_last_moves_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MOVES", 1)
    moves = Successors({"b": hall()})
    moves.note("a", "b")
    moves.note("c", "b")
    assert moves.successor("a") is None


def test_what_went_on_as_a_room_is_known_from_what_is_said_there_also_after_a_restart() -> None:
    here = hall()
    words = [CHAIN.word(SECOND, FIRST, standing=FIRST, seq=1), CHAIN.word(THIRD, SECOND, standing=FIRST, seq=2)]
    here.door.policy = fold(CHAIN.author.id, words)
    moves = Successors({FIRST: here})
    assert moves.united(THIRD) == (here, (words[1], words[0]))
    assert moves.united(SECOND) == (here, (words[0],))
    assert moves.united("f" * 32) is None
    assert moves.successor(THIRD) is here
