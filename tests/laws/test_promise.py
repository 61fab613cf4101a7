"""The promise in the README: seven points, and each names tests that are there."""

import ast
import re

from tests.laws.sources import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def promised(page: str) -> list[list[tuple[str, str]]]:
    """Return the files and the names of the tests of each numbered point."""
    points = re.findall(r"^\d\. (.*?)(?=^\d\. |^$|\Z)", page, re.MULTILINE | re.DOTALL)
    return [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", point) for point in points]


def names_in(path: str) -> set[str]:
    """Return the names of the tests in a file."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_of_the_seven_promises_names_tests_that_are_there() -> None:
    promises = promised(README.partition("## The promise")[2])
    assert [bool(named) for named in promises] == [True] * 7
    every = [test for named in promises for test in named]
    assert [f"{path}::{name}" for path, name in every if name not in names_in(path)] == []


def test_a_point_without_a_test_is_no_promise() -> None:
    page = "1. Always (`tests/a.py::test_a`,\n   `tests/b.py::test_b`)\n2. Never.\n\n3. At last. (`tests/a.py::test_c`)"
    assert promised(page) == [[("tests/a.py", "test_a"), ("tests/b.py", "test_b")], [], [("tests/a.py", "test_c")]]
