"""`lanchat serve` that finds nobody, with times for tests: `python -m tests.recovery.program THESE -- OF SERVE`."""

import argparse
import importlib
import os
import signal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support.faults.clocks import Clock


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=Path, help="File of a tests.support.faults.Clock.")
    parser.add_argument("--silence", type=float, help="Seconds; the heartbeat is a third of it. Links try again soon.")
    parser.add_argument("--die-at", default="", metavar="MODULE:CLASS.METHOD/WHEN", help="Where it kills itself.")
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
        _die_at(given.die_at)
    with patch.object(Discovery, "start", _stay_alone):
        cli.main(["serve", *given.serve])


def _die_at(place: str) -> None:
    """Have this process killed, as by `kill -9`, `before` or `after` something that is awaited is done."""
    where, _, when = place.partition("/")
    module, _, path = where.partition(":")
    kind, _, method = path.partition(".")
    owner = getattr(importlib.import_module(module), kind)
    real = getattr(owner, method)

    async def dying(*args: Any, **options: Any) -> None:
        if when == "after":
            await real(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, method, dying)


async def _stay_alone(*_: Any) -> None:
    """In place of `Discovery.start`."""


if __name__ == "__main__":
    main()
