"""What may happen in the world, as plain data, and schedules of it drawn at random."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.model.world import LINES, MACHINES, PEOPLE, World

PAUSES = (0.0, 0.0, 0.001, 0.02, 0.3, 12.0)
"""Seconds after a step."""
_PLACES = tuple(range(6))


class Kind(NamedTuple):
    """One kind of step.

    Attributes:
        happen: lets it happen.
        given: what may be given to it, argument by argument.
        weight: how often it comes, among others.
    """

    happen: Callable[..., Coroutine[Any, Any, None]]
    given: tuple[Sequence[Any], ...]
    weight: int = 1


class Step(NamedTuple):
    """One thing that happens, and for how many seconds nothing else does after it."""

    name: str
    given: tuple[Any, ...]
    pause: float


STEPS: dict[str, Kind] = {
    "say": Kind(World.say, (PEOPLE, (1, 2, 6)), 10),
    "change": Kind(World.change, (PEOPLE, ("edit", "reaction", "deletion"), _PLACES), 3),
    "repeat": Kind(World.repeat, (PEOPLE, _PLACES), 3),
    "come_anew": Kind(World.come_anew, (PEOPLE,)),
    "cut": Kind(World.cut, (LINES,), 3),
    "sever": Kind(World.sever, (LINES,), 4),
    "stall": Kind(World.stall, (LINES,)),
    "mend": Kind(World.mend, (LINES,), 4),
    "lose": Kind(World.lose, (MACHINES, (2, 5, 20)), 3),
    "restart": Kind(World.restart, (MACHINES,)),
    "crash": Kind(World.crash, (MACHINES,), 2),
    "fill": Kind(World.fill, (MACHINES,)),
    "free": Kind(World.free, (MACHINES,)),
    "back_up": Kind(World.back_up, (), 2),
    "restore": Kind(World.restore, (), 2),
    "wait": Kind(World.wait, (), 2),
}
"""Everything that may happen."""
_RUSH = ("say", "say", "sever", "lose", "crash", "come_anew")


def draw(chance: Random, length: int) -> list[Step]:
    """Draw what happens. The last quarter is a rush: what goes wrong there is not healed by what comes after."""
    rush = length // 4
    names = chance.choices(list(STEPS), [kind.weight for kind in STEPS.values()], k=length - rush)
    return [_step(chance, name, PAUSES) for name in names] + [
        _step(chance, chance.choice(_RUSH), PAUSES[:4]) for _ in range(rush)
    ]


def _step(chance: Random, name: str, pauses: Sequence[float]) -> Step:
    return Step(name, tuple(chance.choice(choices) for choices in STEPS[name].given), chance.choice(pauses))


def take(world: World, step: Step) -> None:
    """Let one thing happen."""
    world.do(STEPS[step.name].happen(world, *step.given))
    world.loop.run_for(step.pause)


def played(steps: Iterable[Step]) -> list[str]:
    """Let a world with heartbeats go through these steps, and say which promises were broken."""
    with TemporaryDirectory() as folder, World(Path(folder), 1, beating=True) as world:
        for step in steps:
            take(world, step)
        return world.settled()


def broken(seed: int, length: int = 40) -> list[str]:
    """Let a world go through what a seed draws, and say which promises were broken. Every second one has heartbeats."""
    with TemporaryDirectory() as folder, World(Path(folder), seed, beating=bool(seed % 2)) as world:
        for step in draw(Random(seed), length):
            take(world, step)
        return world.settled()


def first_broken(seeds: Iterable[int]) -> tuple[int, list[str]] | None:
    """Give the first seed that breaks a promise, and which; None when none does."""
    return next(((seed, faults) for seed in seeds if (faults := broken(seed))), None)
