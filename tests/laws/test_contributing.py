"""CONTRIBUTING.md has a line for each law."""

import re

from tests.laws.sources import ROOT


def listed(page: str) -> list[str]:
    """Return the laws in the table, by their files."""
    return re.findall(r"^\| `(test_\w+\.py)` \|", page, re.MULTILINE)


def test_every_law_is_in_the_table() -> None:
    laws = {path.name for path in (ROOT / "tests" / "laws").glob("test_*.py")}
    table = listed((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert sorted(table) == sorted(laws)


def test_what_is_no_row_is_not_listed() -> None:
    assert listed("| `test_a.py` | says |\n`test_b.py`\n| law | `test_c.py` |\n") == ["test_a.py"]
