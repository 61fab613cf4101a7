"""What may fail, by the moving guide, and what did."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

GUIDE = Path(__file__).parents[2] / "docs" / "library" / "moving.md"
_TABLE = re.compile(r"^\| what differs \|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)
_NAMED = re.compile(r"(channels|channels_redis|fast-channels): ((?:`\w+`,? ?)+)")


class Outcome(msgspec.Struct, frozen=True):
    """What one run of a suite gave.

    Attributes:
        passed: how many tests passed.
        failed: functions of tests that failed, and modules that could not be read.
    """

    passed: int
    failed: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "Outcome":
        """Read what the plugin has written."""
        lines = [line.partition(" ") for line in path.read_text("utf-8").splitlines()]
        failed = frozenset(_function(test) for what, _, test in lines if what == "failed")
        return cls(sum(what == "passed" for what, _, _ in lines), failed)


def exceptions(guide: str) -> Mapping[str, Mapping[str, str]]:
    """Return the tests that need not pass, each with the reason, by suite; from the text of the moving guide."""
    table = _TABLE.search(guide)
    found: dict[str, dict[str, str]] = {}
    for row in table[1].splitlines() if table else ():
        reason, tests = [cell.strip() for cell in row.strip("|").split(" | ")]
        for suite, names in _NAMED.findall(tests):
            found.setdefault(suite, {}).update(dict.fromkeys(re.findall(r"`(\w+)`", names), reason))
    return found


def verdict(theirs: Outcome, ours: Outcome, excepted: Iterable[str]) -> list[str]:
    """Say what is wrong: a test that fails with ours only and has no reason, or one that has a reason and passes."""
    differ = ours.failed - theirs.failed
    wrong = [
        f"{test} passes with theirs, fails with ours, and is no exception" for test in sorted(differ - {*excepted})
    ]
    return wrong + [f"{test} is an exception, and passes" for test in sorted({*excepted} - ours.failed)]


def _function(test: str) -> str:
    return re.sub(r"\[.*", "", test).rpartition("::")[2]
