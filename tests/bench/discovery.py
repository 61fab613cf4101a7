"""How soon a room is seen on another machine after it was opened, and how soon it is gone after a clean stop.

Two nodes on two hosts of the lab (tests/support/lan/lab). Outside of it this bench runs itself once more inside; there
it is `python -m tests.bench.discovery ROUNDS`, which prints its figures as JSON.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.programs import ROOT
from tests.bench.rows import BenchFailed, Row, plain
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, Lan
from tests.support.places import LAB

NAME = "discovery"
SEEN, GONE = 2.0, 1.0
"""Seconds: what is to be reached."""
_PATIENCE = 15.0
_LONGEST = 300.0


def measure(*, quick: bool = False) -> list[Row]:
    """Open a room on one host and see it on the other; stop the one and miss its rooms on the other."""
    command: list[str | Path] = [
        LAB,
        sys.executable,
        "-m",
        "tests.bench.discovery",
        "2" if quick else "5",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_LONGEST, check=False)
    if done.returncode:
        raise BenchFailed(f"The lab failed: {done.stderr.strip()[-2_000:]}")
    seen, gone = json.loads(done.stdout.splitlines()[-1])
    return [
        plain(NAME, "room seen on another machine after it was opened", seen, "s", most=SEEN),
        plain(NAME, "room gone there after a clean stop", gone, "s", most=GONE),
        plain(NAME, "slowest of all to be seen", [max(seen)], "s"),
        plain(NAME, "slowest of all to be gone", [max(gone)], "s"),
    ]


class Neighbour(Program):
    """A process of `tests.bench.neighbour`."""

    def __init__(self, host: Host, directory: str) -> None:
        super().__init__(host, "tests.bench.neighbour", str(Path(directory, host.name)), host.name)

    def until(self, holds: Callable[[Sequence[str]], bool], since: float) -> float:
        """Wait until the list of rooms is as wished; gives the time at which it came."""

        def look() -> float | None:
            lists = [event for event in self._events if event["event"] == "rooms" and event["at"] >= since]
            return next((event["at"] for event in lists if holds(event["names"])), None)

        return self._wait(look, _PATIENCE, f"{self.host.name} lists other rooms")

    def close(self) -> None:
        """Make sure that the process is gone."""
        self.end()


def _visit(watcher: Neighbour, host: Host, turn: int) -> tuple[float, float]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, contextlib.closing(Neighbour(host, directory)) as other:
        watcher.until(lambda names: f"home of {host.name}" in names, began)
        room = f"room {turn}"
        opened = other.do("open", name=room)
        seen = watcher.until(lambda names: room in names, opened) - opened
        stopped = other.do("stop")
        return seen, watcher.until(lambda names: room not in names, stopped) - stopped


def main(rounds: int) -> None:
    """Measure inside the lab."""
    with Lan() as lan, tempfile.TemporaryDirectory() as directory:
        here, there = lan.host("here"), lan.host("there")
        with contextlib.closing(Neighbour(here, directory)) as watcher:
            figures = [_visit(watcher, there, turn) for turn in range(rounds)]
    print(json.dumps([list(column) for column in zip(*figures, strict=True)]))


if __name__ == "__main__":
    assert os.environ.get("LAN_LAB"), "this part of the bench runs inside tests/support/lan/lab"
    main(int(sys.argv[1]))
