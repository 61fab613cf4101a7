"""Servers that keep one room, with the members in it: what the fan-out benches compare."""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from urllib.parse import quote

import msgspec

from lanchat.protocol import Author, Body, Event, codec
from tests.bench import crowd, guests
from tests.bench.crowd import Crowd, Greet, Post
from tests.bench.guests import join, open_room, post
from tests.bench.product import product
from tests.bench.programs import Measured, running

_FIRST = 3
"""Members that come before memory is looked at: they pay for what is made once."""


class Door(msgspec.Struct):
    """How a member comes into the room of a server, and what it says there."""

    program: Measured
    path: str
    post: Post
    greet: Greet | None = None


class Kind(msgspec.Struct, frozen=True):
    """A server to measure: its name, and how it is run until the end of a block."""

    what: str
    run: Callable[[], AbstractContextManager[Door]]


class Side(msgspec.Struct):
    """One running server with its members.

    Attributes:
        memory: kilobytes that each idle member added to it.
    """

    what: str
    program: Measured
    crowd: Crowd
    memory: float = 0.0

    def cost(self, count: int, in_flight: int, size: int = 128) -> float:
        """Microseconds of server CPU per delivered message."""
        before = self.program.cpu()
        self.crowd.speak(count, in_flight, size)
        return (self.program.cpu() - before) * 1e6 / (count * len(self.crowd.members))


@contextmanager
def side(
    kind: Kind, members: int, meanwhile: Callable[[], object] | None = None, *, at_rest: bool = False
) -> Iterator[Side]:
    """Run a server and let more than three members come.

    Args:
        kind: the server.
        members: how many come.
        meanwhile: called now and then by the crowd.
        at_rest: whether the server's memory has to stay the same for a while before they come, and after.
    """
    with kind.run() as door:
        came = Crowd(door.program.ports, door.path, door.post, door.greet, meanwhile)
        with closing(came):
            came.grow(_FIRST)
            memory = door.program.memory_at_rest if at_rest else door.program.memory
            before = memory()
            came.grow(members)
            grown = memory() - before
            yield Side(kind.what, door.program, came, grown / 1e3 / (members - _FIRST))


def line(number: int, size: int) -> bytes:
    """Say a message as a plain text frame."""
    return crowd.frame(crowd.text(number, size).encode())


@contextmanager
def _floor() -> Iterator[Door]:
    with running("tests.bench.floor") as program:
        yield Door(program, "/", _event)


@contextmanager
def _clients() -> Iterator[Door]:
    """Members that speak our protocol, as windows and guests do."""
    with product() as program:
        room = open_room(program.ready["port"], program.ready["room"])
        yield Door(program, guests.PATH, functools.partial(post, room), functools.partial(join, room))


@contextmanager
def _lines() -> Iterator[Door]:
    """Members that speak plain lines, as in the tutorial."""
    with product() as program:
        yield Door(program, f"/ws/room/{quote(program.ready['room'])}", line)


def _event(number: int, size: int) -> bytes:
    """What Lanchat would send, ready-made."""
    author = Author(id="0" * 32, nick="Guest")
    event = Event(
        room="0" * 32,
        seq=number + 1,
        term=1,
        nonce=f"{number:016x}",
        author=author,
        at=1_795_000_000_000,
        kind="message",
        body=Body(text=crowd.text(number, size)),
    )
    return crowd.frame(codec.encode(event))


FLOOR = Kind("raw asyncio", _floor)
CLIENTS = Kind("Lanchat, our protocol", _clients)
LINES = Kind("Lanchat, plain lines", _lines)
