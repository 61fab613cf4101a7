"""How much of a group's history is kept."""

from typing import Any, NamedTuple, Self

from lanchat.layers.message import MOST_BYTES

FORGOTTEN = 86_400.0
"""Seconds for which it is known how far a history was of which nothing is left: nobody starts over for nothing."""


class HistoryBounds(NamedTuple):
    """What is kept of a group: its newest messages, as long as no bound is passed. The size never takes the last one.

    Attributes:
        entries: most messages.
        seconds: most seconds since a message was sent.
        size: most bytes of all of them, as they are written.
    """

    entries: int = 1_000
    seconds: float = 3_600.0
    size: int = 8 * MOST_BYTES

    @classmethod
    def read(cls, given: object) -> Self:
        """Return what is meant by bounds, or by a dict of its attributes as in a configuration.

        Raises:
            TypeError: it is neither, or has another attribute.
            ValueError: a bound is not above zero.
        """
        match given:
            case cls():
                bounds = given
            case dict():
                options: dict[str, Any] = given
                bounds = cls(**options)
            case _:
                raise TypeError(f"A history has HistoryBounds, or a dict of those, not {type(given).__name__}.")
        for name, bound in zip(cls._fields, bounds, strict=True):
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                raise TypeError(f"The {name} of a history are a number, not {type(bound).__name__}.")
            if not bound > 0:
                raise ValueError(f"The {name} of a history are more than 0, not {bound}.")
        return bounds
