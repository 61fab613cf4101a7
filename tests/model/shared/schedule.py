"""What may happen to a room that is shared through Redis, and schedules of it drawn at random."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.model.schedule import Kind, Step
from tests.model.shared.world import NAMES, World

PAUSES = (0.0, 0.0, 0.001, 0.02, 0.3, 2.5, 9.0)
"""Seconds after a step."""
_PLACES = tuple(range(6))
_TOGETHER = 0.25
_IMAGES = ("disk", "replica")


async def _stick(world: World, whose: str) -> None:
    await world.stick(whose, stuck=True)


async def _free_image(world: World, whose: str) -> None:
    await world.stick(whose, stuck=False)


STEPS: dict[str, Kind] = {
    "say": Kind(World.say, (NAMES, (1, 2, 6)), 14),
    "change": Kind(World.change, (NAMES, ("edit", "reaction", "deletion"), _PLACES), 4),
    "say_late": Kind(World.say_late, (NAMES, (1, 2)), 3),
    "rule": Kind(World.rule, (), 2),
    "say_elsewhere": Kind(World.say_elsewhere, (NAMES, NAMES), 3),
    "say_again": Kind(World.say_again, (NAMES,)),
    "come_anew": Kind(World.come_anew, (NAMES,), 2),
    "cut": Kind(World.cut, (NAMES,), 3),
    "sever": Kind(World.sever, (NAMES,), 3),
    "stall": Kind(World.stall, (NAMES,), 2),
    "mend": Kind(World.mend, (NAMES,), 5),
    "kill": Kind(World.kill, (), 2),
    "start": Kind(World.start, (), 4),
    "kill_and_start": Kind(World.kill_and_start, (), 2),
    "flush": Kind(World.flush, (), 2),
    "evict": Kind(World.evict, (("head", "stream", "nonces", "rules"),)),
    "forget_scripts": Kind(World.forget_scripts, ()),
    "fail_over": Kind(World.fail_over, (), 2),
    "split": Kind(World.fail_over, (NAMES,), 2),
    "part": Kind(World.fail_over, (NAMES, NAMES), 2),
    "end_former": Kind(World.end_former, (), 2),
    "sync": Kind(World.sync, (_IMAGES,), 2),
    "stick": Kind(_stick, (_IMAGES,)),
    "free_image": Kind(_free_image, (_IMAGES,)),
    "restart": Kind(World.restart, (NAMES,)),
    "crash": Kind(World.crash, (NAMES,), 3),
    "fill": Kind(World.fill, (NAMES,)),
    "free": Kind(World.free, (NAMES,)),
    "wait": Kind(World.wait, (), 2),
}
"""Everything that may happen."""
_AWAY = {"cut", "sever", "stall", "say_late", "restart", "crash", "fill", "split", "part"}
"""What takes a node away; a schedule may have nothing of it, and then no number may change."""
_RUSH = ("say", "say", "say", "sever", "kill_and_start", "crash", "flush", "fail_over", "change", "come_anew")


def draw(chance: Random, length: int) -> list[Step]:
    """Draw what happens. The last quarter is a rush: what goes wrong there is not healed by what comes after."""
    rush = length // 4
    left_out = _AWAY if chance.random() < _TOGETHER else set()
    steps = {name: kind.weight for name, kind in STEPS.items() if name not in left_out}
    hasty = [name for name in _RUSH if name not in left_out]
    return [
        *(_step(chance, name, PAUSES) for name in chance.choices(list(steps), list(steps.values()), k=length - rush)),
        *(_step(chance, chance.choice(hasty), PAUSES[:5]) for _ in range(rush)),
    ]


def take(world: World, step: Step) -> None:
    """Let one thing happen."""
    world.do(STEPS[step.name].happen(world, *step.given))
    world.loop.run_for(step.pause)


def broken(port: int, seed: int, length: int = 40) -> list[str]:
    """Let a world go through what a seed draws, and say which promises were broken."""
    return played(port, draw(Random(seed), length), seed)


def played(port: int, steps: Iterable[Step], seed: int = 1) -> list[str]:
    """Let a world go through these steps, and say which promises were broken."""
    with TemporaryDirectory() as folder, World(Path(folder), port, seed) as world:
        for step in steps:
            take(world, step)
        return world.settled()


def first_broken(port: int, seeds: Iterable[int]) -> tuple[int, list[str]] | None:
    """Give the first seed that breaks a promise, and which; None when none does."""
    return next(((seed, faults) for seed in seeds if (faults := broken(port, seed))), None)


def _step(chance: Random, name: str, pauses: Sequence[float]) -> Step:
    given: tuple[Any, ...] = tuple(chance.choice(choices) for choices in STEPS[name].given)
    return Step(name, given, chance.choice(pauses))
