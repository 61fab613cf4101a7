"""What may happen to a file while nobody uses it. Each damage is drawn by dice, so that a seed repeats it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FLIPS = 8
"""Bits that `flipped` turns over."""
PAGE = 4_096
"""Bytes of one page of an SQLite database, and of most disks."""
_SIDE_FILES = ("-wal", "-shm", "-journal")

Damage = Callable[[bytearray, random.Random], None]
"""Changes the content of a file."""


@contextmanager
def damaged(path: Path, damage: Damage, dice: random.Random) -> Iterator[None]:
    """The file comes back damaged, as after a bad sector or a careless copy.

    After the block it is as it was, whatever stands in its place by then; what SQLite put beside it is removed.
    """
    before = path.read_bytes()
    content = bytearray(before)
    damage(content, dice)
    path.write_bytes(content)
    try:
        yield
    finally:
        for side in _SIDE_FILES:
            path.with_name(path.name + side).unlink(missing_ok=True)
        path.write_bytes(before)


def flipped(content: bytearray, dice: random.Random) -> None:
    """One bit is turned over in each of a few bytes."""
    for _ in range(FLIPS):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)


def truncated(content: bytearray, dice: random.Random) -> None:
    """The end is missing."""
    del content[dice.randrange(1, len(content)) :]


def zeroed(content: bytearray, dice: random.Random) -> None:
    """One page is nothing but zeros."""
    first = dice.randrange(len(content) // PAGE) * PAGE
    content[first : first + PAGE] = bytes(len(content[first : first + PAGE]))
