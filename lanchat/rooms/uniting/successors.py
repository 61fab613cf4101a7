"""Where people of a room are to go that is not here any more."""

from collections.abc import Mapping

from lanchat.protocol import Event, heir_of
from lanchat.rooms.room import Room
from lanchat.rooms.uniting.words import MOST_WORDS

MOST_MOVES = 256
"""Most rooms that gave way of which it is remembered to which other one."""


class Successors:
    """Knows which rooms have become another one: by what happened lately, and by what is said in the rooms here.

    Args:
        rooms: those that are here, by their ids.
    """

    def __init__(self, rooms: Mapping[str, Room]) -> None:
        self._rooms = rooms
        self._moved: dict[str, str] = {}

    def note(self, room: str, other: str) -> None:
        """Note that a room has just become another one."""
        if len(self._moved) >= MOST_MOVES:
            self._moved.clear()
        self._moved.pop(other, None)
        self._moved[room] = other

    def successor(self, room: str) -> Room | None:
        """Return the room to which one of this id gave way, or as which it goes on; None when that is not known."""
        at = room
        while at in self._moved:
            at = self._moved[at]
        united = self.united(room)
        return self._rooms.get(at) or (united and united[0])

    def united(self, room: str) -> tuple[Room, tuple[Event, ...]] | None:
        """Return the room here as which another one goes on, and the words by which it does; None where none does."""
        for other in self._rooms.values():
            if words := _words(room, other):
                return other, words
        return None


def _words(room: str, other: Room) -> tuple[Event, ...]:
    """Return the words by which one room goes on as another; none where it does not."""
    united, at = other.door.policy.united, room
    words: list[Event] = []
    while (word := united.get(at)) is not None and len(words) < MOST_WORDS:
        words.append(word)
        at = heir_of(at, word.author.id, word.body.text)
    return tuple(words)
