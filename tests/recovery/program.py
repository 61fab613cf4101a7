"""`lanchat serve` that finds nobody, with times for tests: `python -m tests.recovery.program THESE -- OF SERVE`."""

import argparse
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support.faults.clocks import Clock


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", type=Path, help="File of a tests.support.faults.Clock.")
    parser.add_argument("--silence", type=float, help="Seconds; the heartbeat is a third of it. Links try again soon.")
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
    with patch.object(Discovery, "start", _stay_alone):
        cli.main(["serve", *given.serve])


async def _stay_alone(*_: Any) -> None:
    """In place of `Discovery.start`."""


if __name__ == "__main__":
    main()
