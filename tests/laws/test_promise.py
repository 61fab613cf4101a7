"""The promise in the README: seven lines, and each names a test that is there."""

import ast
import re

from tests.laws.sources import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def promised(page: str) -> list[tuple[str, str]]:
    """Return the file and the name of the test of each numbered line."""
    return re.findall(r"^\d\. .*\(`(tests/[\w/]+\.py)::(\w+)`\)$", page, re.MULTILINE)


def names_in(path: str) -> set[str]:
    """Return the names of the tests in a file."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_of_the_seven_promises_names_a_test_that_is_there() -> None:
    named = promised(README)
    assert len(named) == 7
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


def test_a_line_without_a_test_is_no_promise() -> None:
    assert promised("1. Always. (`tests/a.py::test_a`)\n2. Never.\n") == [("tests/a.py", "test_a")]
