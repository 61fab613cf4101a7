"""THREAT_MODEL.md: each threat has a number of its own, every column, and a test that is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.laws.sources import ROOT, obeyed

COLUMNS = ["id", "who", "what they try", "our defence", "proved by", "what remains"]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")


def threats(page: str) -> Iterator[list[str]]:
    """Return the cells of each row of every table of threats."""
    for line in page.splitlines():
        if re.match(r"\| T\d", line):
            yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def breaches(page: str, root: Path = ROOT) -> list[str]:
    """Say what is wrong with the rows of a page."""
    rows = list(threats(page))
    wrong = [] if rows else ["There is no threat."]
    for number, cells in enumerate(rows, 1):
        name = cells[0]
        if name != f"T{number:02}":
            wrong.append(f"{name} stands where T{number:02} belongs")
        if len(cells) != len(COLUMNS) or not all(cells):
            wrong.append(f"{name} has {len([cell for cell in cells if cell])} of {len(COLUMNS)} cells")
            continue
        proof = cells[COLUMNS.index("proved by")]
        tests = _TEST.findall(proof)
        if not tests or _TEST.sub("", proof).strip(" ,;"):
            wrong.append(f"{name} is not proved by tests, of the form `tests/….py::test_…`, but by {proof!r}")
        wrong += [f"{name}: {reason}" for test in tests if (reason := _lost(root, *test))]
    return wrong


def _lost(root: Path, path: str, function: str, case: str) -> str:
    file = root / path
    if not file.exists():
        return f"{path} is not there"
    text = file.read_text("utf-8")
    known = {
        node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if function not in known or not function.startswith("test_"):
        return f"{path} has no {function}"
    return "" if not case or f'"{case}"' in text else f"{path} has no case {case}"


def test_every_threat_is_proved() -> None:
    obeyed(breaches((ROOT / "THREAT_MODEL.md").read_text("utf-8")))


def test_every_table_has_the_columns() -> None:
    page = (ROOT / "THREAT_MODEL.md").read_text("utf-8")
    heads = [line for line in page.splitlines() if line.startswith("| id |")]
    assert heads
    assert set(heads) == {f"| {' | '.join(COLUMNS)} |"}


GOOD = "| T01 | a page | reads | a wall | `tests/laws/test_threat_model.py::test_every_threat_is_proved` | nothing |"


def test_a_proved_threat_is_let_be() -> None:
    assert breaches(GOOD) == []


def test_a_threat_without_a_number_a_cell_or_a_test_is_found() -> None:
    assert breaches("# Nothing") == ["There is no threat."]
    assert breaches(f"{GOOD}\n{GOOD}") == ["T01 stands where T02 belongs"]
    assert breaches(GOOD.replace("T01", "T02")) == ["T02 stands where T01 belongs"]
    assert breaches("| T01 | a page | reads |") == ["T01 has 3 of 6 cells"]
    (wrong,) = breaches(_proved("pending"))
    assert "is not proved" in wrong
    (wrong,) = breaches(_proved("a careful look"))
    assert "is not proved" in wrong
    assert breaches(_proved("`tests/nowhere.py::test_x`")) == ["T01: tests/nowhere.py is not there"]
    here = "tests/laws/test_threat_model.py"
    assert breaches(_proved(f"`{here}::test_gone`")) == [f"T01: {here} has no test_gone"]
    assert breaches(_proved(f"`{here}::breaches`")) == [f"T01: {here} has no breaches"]
    wanted = f"`{here}::test_a_proved_threat_is_let_be[case-of-nobody]`".replace("of-nobody", "of" + "-no-one")
    assert breaches(_proved(wanted)) == [f"T01: {here} has no case case-of" + "-no-one"]


def _proved(proof: str) -> str:
    return f"| T01 | a page | reads | a wall | {proof} | nothing |"
