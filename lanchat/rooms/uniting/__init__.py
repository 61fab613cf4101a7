"""Rooms that go on as another one: by whose words, what a node does then, and where their people are to go."""

from lanchat.rooms.uniting.handing import hand_on
from lanchat.rooms.uniting.successors import Successors
from lanchat.rooms.uniting.words import Heir, check_words

__all__ = ["Heir", "Successors", "check_words", "hand_on"]
