"""Rooms that go on as another one: by whose words, what a node does then, and where their people are to go."""

from lanchat.rooms.uniting.handing import hand_on
from lanchat.rooms.uniting.moves import Moves
from lanchat.rooms.uniting.words import Heir, check_words

__all__ = ["Heir", "Moves", "check_words", "hand_on"]
