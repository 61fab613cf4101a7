"""What one delivered message costs the server, in a room with many members."""

import functools
import selectors
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from selectors import BaseSelector
from urllib.parse import quote

import msgspec

from lanchat.chat import codec
from lanchat.chat.protocol import Author, Body, Event
from tests.bench import crowd, guests
from tests.bench.crowd import Crowd
from tests.bench.guests import join, open_room, post
from tests.bench.product import product
from tests.bench.programs import Program, running
from tests.bench.rows import Row, against, plain

NAME = "fanout"
MEMBERS = 300
TARGETS = {1: 1.8, 8: 0.6, 64: 0.25}
"""Messages in flight, and the most that a delivery may cost compared with the floor."""
_MESSAGES = {1: 40, 8: 160, 64: 512}
"""Messages of one run. Many short runs in turn: what else the machine does then hits all sides alike."""
_PEER = "a raw asyncio server"


class Side(msgspec.Struct):
    """One server with its members."""

    what: str
    program: Program
    crowd: Crowd

    def cost(self, count: int, in_flight: int) -> float:
        """Microseconds of server CPU per delivered message."""
        before = self.program.cpu()
        self.crowd.speak(count, in_flight)
        return (self.program.cpu() - before) * 1e6 / (count * len(self.crowd.members))


def measure(*, quick: bool = False, members: int = MEMBERS, rounds: int | None = None, scale: float = 1.0) -> list[Row]:
    """Measure all sides in turn, several times.

    Args:
        quick: fewer runs.
        members: members of each room.
        rounds: how often everything is measured.
        scale: how many messages, compared with the usual.
    """
    rounds = rounds or (7 if quick else 21)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        floor, *ours = [stack.enter_context(side(members, selector)) for side in (_floor, _clients, _lines)]
        costs: dict[tuple[str, int], list[float]] = {}
        for turn in range(-1, rounds):
            for in_flight in TARGETS:
                for side in (floor, *ours):
                    count = max(in_flight, int(_MESSAGES[in_flight] * scale))
                    cost = side.cost(count, in_flight)
                    if turn >= 0:
                        costs.setdefault((side.what, in_flight), []).append(cost)
    return list(_rows(costs, [side.what for side in ours], floor.what, members))


def _rows(costs: dict[tuple[str, int], list[float]], ours: list[str], floor: str, members: int) -> Iterator[Row]:
    unit = "µs of CPU per delivery"
    for in_flight, most in TARGETS.items():
        what = f"{members} members, {in_flight} in flight: "
        peers = costs[floor, in_flight]
        yield plain(NAME, what + floor, peers, unit)
        for name in ours:
            yield against(NAME, what + name, costs[name, in_flight], unit, peer=_PEER, peers=peers, most=most)


@contextmanager
def _floor(members: int, selector: BaseSelector) -> Iterator[Side]:
    with (
        running("tests.bench.floor") as program,
        closing(Crowd(program.ready["port"], "/", members, _event, selector=selector)) as them,
    ):
        yield Side("raw asyncio", program, them)


@contextmanager
def _clients(members: int, selector: BaseSelector) -> Iterator[Side]:
    """Members that speak protocol v1, as windows and guests do."""
    with product() as program:
        room = open_room(program.ready["port"], program.ready["room"])
        say, greet = functools.partial(post, room), functools.partial(join, room)
        with closing(Crowd(program.ready["port"], guests.PATH, members, say, greet, selector=selector)) as them:
            yield Side("Lanchat, protocol v1", program, them)


@contextmanager
def _lines(members: int, selector: BaseSelector) -> Iterator[Side]:
    """Members that speak plain lines, as in the tutorial."""
    with product() as program:
        path = f"/ws/room/{quote(program.ready['room'])}"
        with closing(Crowd(program.ready["port"], path, members, _line, selector=selector)) as them:
            yield Side("Lanchat, plain lines", program, them)


def _line(number: int) -> bytes:
    return crowd.frame(crowd.text(number).encode())


def _event(number: int) -> bytes:
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
        body=Body(text=crowd.text(number)),
    )
    return crowd.frame(codec.encode(event))
