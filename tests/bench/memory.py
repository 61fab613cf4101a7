"""What one idle connection costs in memory."""

import contextlib
import functools
import selectors

from tests.bench import guests
from tests.bench.crowd import Crowd, Greet
from tests.bench.guests import join
from tests.bench.product import product
from tests.bench.programs import Program, running
from tests.bench.rows import Row, against, plain

NAME = "memory"
MEMBERS = 300


def measure(*, quick: bool = False) -> list[Row]:
    """Memory of an idle node, and how much each member of a room adds to it."""
    members = 100 if quick else MEMBERS
    ours, theirs, idle = [], [], []
    for _ in range(1 if quick else 3):
        with product() as program:
            idle.append(program.memory() / 1e6)
            room = guests.open_room(program.ready["port"], program.ready["room"])
            ours.append(_each(program, guests.PATH, members, functools.partial(join, room)))
        with running("tests.bench.bare") as program:
            theirs.append(_each(program, "/", members))
    return [
        plain(NAME, "an idle node without a window", idle, "MB"),
        against(NAME, f"each of {members} idle members", ours, "kB", peer="a bare aiohttp WebSocket", peers=theirs),
    ]


def _each(program: Program, path: str, members: int, greet: Greet | None = None) -> float:
    def come(size: int) -> contextlib.closing[Crowd]:
        return contextlib.closing(Crowd(program.ready["port"], path, size, _silence, greet, selector=selector))

    with selectors.DefaultSelector() as selector, come(3):
        before = program.memory()
        with come(members):
            return (program.memory() - before) / 1e3 / members


def _silence(_: int) -> bytes:
    return b""
