"""docs/library/features.md: each "yes" of ours names a test, and that test is there."""

import ast
from pathlib import Path

import pytest

from tests.docs.library.pages import LIBRARY, page

ROOT = LIBRARY.parents[1]
PEERS = 6
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in page("features").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| |")
]


def wrong(row: list[str]) -> str | None:
    """Say what is wrong with a row."""
    feature, ours, *peers, test = row
    if len(peers) != PEERS or not all(peers):
        return f"{feature!r} does not say what each of the {PEERS} others do"
    if ours != "yes":
        return f"{feature!r} names a test, and is no yes" if test else None
    path, _, name = test.strip("`").partition("::")
    if not (ROOT / path).is_file():
        return f"{feature!r} names {path!r}, which is not there"
    return None if name in functions(ROOT / path) else f"{path} has no test {name!r}"


def functions(path: Path) -> set[str]:
    """Return the names of the tests of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_yes_has_a_test(row: list[str]) -> None:
    assert wrong(row) is None


def test_the_page_says_yes_and_no() -> None:
    assert len(ROWS) > 30
    assert {row[1] for row in ROWS} == {"yes", "no"}


def test_what_is_wrong_is_found() -> None:
    here = f"`{Path(__file__).relative_to(ROOT).as_posix()}::test_what_is_wrong_is_found`"
    assert wrong(["a", "yes", *["no"] * PEERS, here]) is None
    assert wrong(["a", "no", *["no"] * PEERS, ""]) is None
    assert wrong(["a", "yes", *["no"] * PEERS, ""]) == "'a' names '', which is not there"
    assert "has no test 'test_other'" in str(
        wrong(["a", "yes", *["no"] * PEERS, here.partition("::")[0] + "::test_other`"])
    )
    assert "others" in str(wrong(["a", "yes", "no", here]))
    assert "is no yes" in str(wrong(["a", "no", *["no"] * PEERS, here]))
