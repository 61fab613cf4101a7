"""`lanchat serve` that finds nobody, with times for tests: `python -m tests.recovery.program THESE -- OF SERVE`."""

import argparse
import importlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support.conditions import eventually
from tests.support.faults.clocks import Clock


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=Path, help="File of a tests.support.faults.Clock.")
    parser.add_argument("--silence", type=float, help="Seconds; the heartbeat is a third of it. Links try again soon.")
    parser.add_argument("--die-at", default="", metavar="MODULE:CLASS.METHOD/WHEN", help="Where it kills itself.")
    parser.add_argument("--may-halt-at", action="append", default=[], help="As --die-at, where it may be held up.")
    parser.add_argument("--halts", type=Path, help="File that names such a place, and is renamed when that is reached")
    parser.add_argument("serve", nargs="*", help="Options of `lanchat serve`.")
    given = parser.parse_args()
    if given.clock:
        Clock(given.clock).install()
    from lanchat import protocol

    if given.silence:
        protocol.SILENCE, protocol.HEARTBEAT = given.silence, given.silence / 3
    from lanchat import cli
    from lanchat.lan.discovery.discovery import Discovery
    from lanchat.lan.link import dialler

    if given.silence:
        dialler.FIRST_PAUSE, dialler.LONGEST_PAUSE = 0.05, 0.5
    if given.die_at:
        _at(given.die_at, _die)
    for place in given.may_halt_at:
        _at(place, _halt(place, given.halts))
    with patch.object(Discovery, "start", _stay_alone):
        cli.main(["serve", *given.serve])


def _at(place: str, happens: Callable[[], Awaitable[None]]) -> None:
    """Let something happen `before` or `after` something that is awaited is done."""
    where, _, when = place.partition("/")
    module, _, path = where.partition(":")
    kind, _, method = path.partition(".")
    owner = getattr(importlib.import_module(module), kind)
    real = getattr(owner, method)

    async def acting(*args: Any, **options: Any) -> Any:
        if when == "before":
            await happens()
        result = await real(*args, **options)
        if when == "after":
            await happens()
        return result

    setattr(owner, method, acting)


async def _die() -> None:
    """Have this process killed, as by `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


def _halt(place: str, wanted: Path) -> Callable[[], Awaitable[None]]:
    """Return what holds up who comes to a place while a file names that, until the file is gone."""
    halted = wanted.with_name("halted")

    async def halt() -> None:
        if _halts(place, wanted, halted):
            await eventually(lambda: not halted.exists(), what=f"what is held up at {place} goes on")

    return halt


def _halts(place: str, wanted: Path, halted: Path) -> bool:
    wanted_here = wanted.exists() and wanted.read_text() == place
    if wanted_here:
        wanted.rename(halted)
    return wanted_here


async def _stay_alone(*_: Any) -> None:
    """In place of `Discovery.start`."""


if __name__ == "__main__":
    main()
