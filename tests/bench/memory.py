"""What one idle connection costs in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.product import product
from tests.bench.programs import running
from tests.bench.rows import Row, against, plain
from tests.bench.sides import CLIENTS, Door, Kind, side

NAME = "memory"
MEMBERS = 300
MOST = 16.0
"""Kilobytes of an idle member of a room: what is to be reached."""
TARGET = 1.3
"""Times what a bare aiohttp WebSocket takes: what is to be reached."""
BARE_NAME = "a bare aiohttp WebSocket"


def measure(*, quick: bool = False) -> list[Row]:
    """Memory of an idle node, and how much each member of a room adds to it."""
    ours, theirs, idle = [], [], []
    at_rest: list[float] = []
    theirs_at_rest: list[float] = []
    library: list[float] = []
    for _ in range(1 if quick else 3):
        with product() as program:
            idle.append(program.memory() / 1e6)
        ours.append(_each(CLIENTS))
        theirs.append(_each(BARE))
        at_rest.append(_each(CLIENTS, at_rest=True))
        theirs_at_rest.append(_each(BARE, at_rest=True))
        library.append(_each(LIBRARY, at_rest=True))
    what = f"each of {MEMBERS} idle members, who came when the server was at rest"
    return [
        plain(NAME, "an idle node without a window", idle, "MB"),
        against(NAME, f"each of {MEMBERS} idle members", ours, "kB", peer=BARE_NAME, peers=theirs, most=TARGET),
        against(NAME, what, at_rest, "kB", peer=BARE_NAME, peers=theirs_at_rest, most=TARGET),
        against(NAME, "an idle consumer in a group", library, "kB", peer=BARE_NAME, peers=theirs_at_rest, most=TARGET),
        plain(NAME, f"{what}: the figure alone", at_rest, "kB", most=MOST),
    ]


def _each(kind: Kind, *, at_rest: bool = False) -> float:
    with side(kind, MEMBERS, at_rest=at_rest) as one:
        return one.memory


@contextmanager
def _bare() -> Iterator[Door]:
    with running("tests.bench.bare") as program:
        yield Door(program, "/", lambda number, size: b"")


@contextmanager
def _library() -> Iterator[Door]:
    with running("tests.bench.idle") as program:
        yield Door(program, "/", lambda number, size: b"")


BARE = Kind("bare aiohttp", _bare)
LIBRARY = Kind("a consumer", _library)
