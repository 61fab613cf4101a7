"""What one delivered message costs the server, in a room with many members."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.rows import Row, against, plain
from tests.bench.sides import CLIENTS, FLOOR, LINES, Side, side

NAME = "fanout"
MEMBERS = 300
TARGETS = {1: 1.5, 8: 0.5, 64: 0.2}
"""Messages in flight, and the most that a delivery may cost compared with the floor."""
UNIT = "µs of CPU per delivery"
FLOOR_NAME = "a raw asyncio server"
_MESSAGES = {1: 40, 8: 160, 64: 512}
"""Messages of one run. Many short runs in turn: what else the machine does then hits all sides alike."""


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
        sides: list[Side] = []

        def idle() -> None:
            for one in sides:
                one.crowd.idle()

        sides.extend(stack.enter_context(side(kind, members, idle)) for kind in (FLOOR, CLIENTS, LINES))
        costs: dict[tuple[str, int], list[float]] = {}
        for turn in range(-1, rounds):
            for in_flight in TARGETS:
                for one in sides:
                    cost = one.cost(max(in_flight, int(_MESSAGES[in_flight] * scale)), in_flight)
                    if turn >= 0:
                        costs.setdefault((one.what, in_flight), []).append(cost)
    return list(_rows(costs, members))


def _rows(costs: dict[tuple[str, int], list[float]], members: int) -> Iterator[Row]:
    for in_flight, most in TARGETS.items():
        what = f"{members} members, {in_flight} in flight: "
        peers = costs[FLOOR.what, in_flight]
        yield plain(NAME, what + FLOOR.what, peers, UNIT)
        for kind in (CLIENTS, LINES):
            values = costs[kind.what, in_flight]
            yield against(NAME, what + kind.what, values, UNIT, peer=FLOOR_NAME, peers=peers, most=most)
