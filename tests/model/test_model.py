"""Real journals, rooms, sessions and a link, through everything that may happen to them, in any order.

In the end everything is mended, and then nothing may be lost, doubled or in another order. A seed that fails is run
again by `broken(seed)`.
"""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.model.schedule import PAUSES, STEPS, Step, broken, draw, first_broken, take
from tests.model.world import World

_QUICK = settings(
    max_examples=100,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Room(RuleBasedStateMachine):
    """A world with a rule for each kind of step; the rules are put in below."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world: World | None = None

    @initialize(seed=st.integers(0, 2**32 - 1), beating=st.booleans())
    def begin(self, seed: int, *, beating: bool) -> None:
        folder = self.stack.enter_context(TemporaryDirectory())
        self.world = self.stack.enter_context(World(Path(folder), seed, beating=beating))

    def teardown(self) -> None:
        with self.stack:
            if self.world is not None:
                assert self.world.settled() == []


def _rule(name: str) -> Callable[..., None]:
    def happen(self: Room, given: tuple[Any, ...], pause: float) -> None:
        assert self.world is not None
        take(self.world, Step(name, given, pause))

    happen.__name__ = name
    choices = [st.sampled_from(choices) for choices in STEPS[name].given]
    return rule(given=st.tuples(*choices), pause=st.sampled_from(PAUSES))(happen)


for _name in STEPS:
    setattr(Room, _name, _rule(_name))


def test_nothing_is_lost_doubled_or_swapped_whatever_happens() -> None:
    run_state_machine_as_test(Room, settings=_QUICK)


def test_nothing_is_lost_doubled_or_swapped_in_schedules_with_a_rush() -> None:
    assert first_broken(range(40)) is None


@pytest.mark.parametrize("seed", [500777, 1432583897, 1693230045, 3620813089])
def test_a_schedule_that_once_broke_something_breaks_nothing(seed: int) -> None:
    assert broken(seed) == []


def test_a_seed_gives_the_same_run_each_time(tmp_path: Path) -> None:
    def run(folder: Path, seed: int) -> tuple[float, dict[str, list[tuple[int, str]]]]:
        with World(folder, seed, beating=True) as world:
            for step in draw(Random(seed), 30):
                take(world, step)
            assert world.settled() == []
            return world.loop.time(), {
                person.name: [(event.seq, event.nonce) for event in person.events] for person in world.people.values()
            }

    first = run(tmp_path / "first", 7)
    assert first == run(tmp_path / "again", 7)
    assert first != run(tmp_path / "other", 8)
    assert all(events for events in first[1].values())


@pytest.mark.soak
@pytest.mark.parametrize(("length", "count"), [(40, 1_000), (400, 60)])
def test_nothing_is_lost_doubled_or_swapped_for_long(length: int, count: int) -> None:
    first = secrets.randbelow(2**32)
    print(f"seeds {first} to {first + count - 1}, schedules of {length} steps")
    for seed in range(first, first + count):
        assert broken(seed, length) == [], f"broken({seed}, {length})"
