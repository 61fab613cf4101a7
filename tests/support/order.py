"""In which order several workers take the modules of tests, so that one computes while others wait.

Read by the workers of pytest-xdist only; tests of one module stay together and in their order.
"""

from collections import Counter
from collections.abc import Iterable

_PROGRAMS = (
    "tests/test_conftest.py",
    "tests/unit/client/test_scripting.py",
    "tests/unit/cli/test_program.py",
    "tests/unit/test_selftest.py",
)
KINDS: tuple[tuple[str, ...], ...] = (
    ("tests/lab/", "tests/recovery/lab/"),  # wait for networks and disks
    ("tests/model/", "tests/bench/", "tests/test_binary.py", "tests/hostile/test_protocol.py"),  # compute
    ("tests/page/",),  # a browser
    ("tests/recovery/",),  # nodes that end and come back
    ("tests/unit/layers/redis/",),  # Redis
    ("tests/unit/desktop/", "tests/unit/commands/", "tests/support/", *_PROGRAMS),  # other programs
)
"""Modules that take long, by what they spend their time with; a module is of the first kind that fits."""
MORE_WORKERS = 2
"""Workers beside one for each core: so many wait for networks, clocks and other programs while the rest compute. Each
further one collects all tests once more, which takes ten seconds of a core."""


def in_turns(modules: Iterable[str]) -> list[str]:
    """Return modules in the order in which they begin: one of each kind in turn, then all that are of none.

    Args:
        modules: their paths.
    """
    seen = Counter[int]()
    ranked = []
    for module in modules:
        kind = _kind(module)
        ranked.append((kind == len(KINDS), seen[kind], kind, module))
        seen[kind] += 1
    return [module for *_, module in sorted(ranked)]


def takes_long(module: str) -> bool:
    """Return whether a module is of one of the kinds that take long."""
    return _kind(module) < len(KINDS)


def _kind(module: str) -> int:
    return next((number for number, begins in enumerate(KINDS) if module.startswith(begins)), len(KINDS))
