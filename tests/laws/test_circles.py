"""No module imports itself by way of others, not even lazily or for types. A package's `__init__` is a module too."""

import ast
import graphlib
from collections.abc import Iterable, Mapping

import pytest

from tests.laws import sources


def graph(modules: Iterable[tuple[str, ast.Module, bool]]) -> dict[str, set[str]]:
    """Return the modules that each module imports."""
    given = list(modules)
    known = [name for name, _, _ in given]
    return {
        name: {sources.module_of(target, known) for _, target in sources.imported(tree, name, package=package)} - {""}
        for name, tree, package in given
    }


def circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle, each imported by the next; empty when there is none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_imports_form_a_circle() -> None:
    found = circle(graph(sources.every()))
    assert not found, " is imported by ".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "from lanchat.rooms import mirror",
        "import lanchat.rooms.mirror",
        "def lazy():\n    from lanchat.rooms.mirror import Mirror",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .mirror import Mirror",
        "from lanchat.rooms import Room",
        "from lanchat.rooms.home import Home",
    ],
)
def test_a_circle_is_found(code: str) -> None:
    given = {
        "lanchat.rooms": "from lanchat.rooms.home import Home",
        "lanchat.rooms.mirror": "import lanchat.rooms.home",
    }
    modules = [(name, ast.parse(text), name == "lanchat.rooms") for name, text in given.items()]
    assert circle(graph([*modules, ("lanchat.rooms.home", ast.parse(code), False)]))
    assert not circle(graph([*modules, ("lanchat.rooms.home", ast.parse("import asyncio"), False)]))
