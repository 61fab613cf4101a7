"""What may happen to the clock on the wall. The monotonic clock goes on as ever: so it is in every operating system."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Clock:
    """The wall clock of one other process, which is steered through a file.

    Args:
        path: the file; it holds by how many seconds the clock is wrong. While it is missing the clock is right.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, seconds: float) -> None:
        """Be so many seconds ahead from now on; negative is behind."""
        new = self.path.with_suffix(".new")
        new.write_text(repr(seconds))
        new.replace(self.path)

    def install(self) -> None:
        """In the process itself, before it imports anything that looks at the clock: tell the wrong time."""
        right = time.time_ns

        def wrong_ns() -> int:
            try:
                return right() + int(float(self.path.read_text()) * 1e9)
            except FileNotFoundError:
                return right()

        time.time_ns = wrong_ns
        time.time = lambda: wrong_ns() / 1e9


@contextmanager
def jumped(clock: Clock, seconds: float) -> Iterator[None]:
    """Somebody set the clock, or a time server did. After the block it is right again, which is a jump as well."""
    clock.set(seconds)
    try:
        yield
    finally:
        clock.set(0.0)
