"""Where in a group's history something is."""

import re
from typing import NamedTuple, Self

from lanchat.layers.message import POSITION, Message

_WRITTEN = re.compile(r"([0-9a-f]{1,32})-([0-9]{1,18})")


class Position(NamedTuple):
    """A message's place in the history of its group, or how far a reader is.

    Attributes:
        epoch: which history; another one when that of before is lost, so that its numbers mean nothing any more.
        seq: the message's number in it, 1 for the first; 0 before that.
    """

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the position that `str` wrote. Raises ValueError when it is none."""
        if not (found := _WRITTEN.fullmatch(str(text))):
            raise ValueError(f"A position is written as its epoch, a hyphen and a number, unlike {text!r}.")
        return cls(found[1], int(found[2]))

    @classmethod
    def of(cls, message: Message) -> Self | None:
        """Return where a message that came is; None when its group keeps no history."""
        written = message.get(POSITION)
        return None if written is None else cls.parse(written)

    def put_on(self, message: Message) -> Message:
        """Return a copy of a message that says where it is."""
        return {**message, POSITION: str(self)}

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


NOWHERE = Position("", 0)
"""What is in no history: whoever is there starts over."""
