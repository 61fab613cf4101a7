"""What a program pays for importing the library."""

import resource
import subprocess
import sys

from tests.bench.programs import ROOT
from tests.bench.rows import Row, against, plain

NAME = "imports"
TARGETS = {"lanchat.layers": 40.0, "lanchat.consumers": 60.0}
"""Milliseconds beyond `import asyncio`, which most programs that want the library pay for anyway: to be reached."""
_PEER = "asyncio"


def measure(*, quick: bool = False) -> list[Row]:
    """Import each part in a Python of its own, in turn with `asyncio` and with nothing."""
    taken: dict[str, list[float]] = {name: [] for name in (_PEER, *TARGETS)}
    for turn in range(-1, 15 if quick else 45):
        bare = _cpu("pass")
        for name, figures in taken.items():
            figure = _cpu(f"import {name}") - bare
            if turn >= 0:
                figures.append(figure)
    rows = [plain(NAME, f"import {_PEER}", taken[_PEER], "ms of CPU")]
    for name, most in TARGETS.items():
        what = f"import {name}"
        rows += [
            against(NAME, what, taken[name], "ms of CPU", peer=f"import {_PEER}", peers=taken[_PEER]),
            plain(NAME, f"{what}: beyond import {_PEER}", _beyond(taken[name], taken[_PEER]), "ms of CPU", most=most),
        ]
    return rows


def _beyond(figures: list[float], peers: list[float]) -> list[float]:
    """What each run took more than its peer's."""
    return [ours - theirs for ours, theirs in zip(figures, peers, strict=True)]


def _cpu(command: str) -> float:
    """Milliseconds of CPU of a Python that does this."""
    before = _of_children()
    subprocess.run([sys.executable, "-c", command], cwd=ROOT, check=True)
    return (_of_children() - before) * 1e3


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
