"""One class name has one meaning, and no module's name could hold anything."""

import ast
from collections.abc import Iterable
from pathlib import Path

from tests.laws import sources

_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def twice(modules: Iterable[tuple[str, ast.Module]]) -> list[str]:
    """Say which class names stand for several classes; what begins with `_` is nobody else's business."""
    found: dict[str, list[str]] = {}
    for name, module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(name)
    return [f"{name} is a class of {' and of '.join(owners)}" for name, owners in found.items() if len(owners) > 1]


def vague(paths: Iterable[Path]) -> list[str]:
    """Say which modules have a name that could hold anything."""
    return [str(path) for path in paths if {part.lower().partition(".")[0] for part in path.parts} & _NAMES]


def test_a_class_name_has_one_meaning() -> None:
    sources.obeyed(twice((name, module) for name, module, _ in sources.every()))


def test_no_name_could_hold_anything() -> None:
    sources.obeyed(vague(path for path in sources.files() if path.suffix in {".py", ".ts", ".svelte"}))


def test_a_name_with_two_meanings_is_found() -> None:
    given = [
        ("lanchat.a", ast.parse("class Network: ...\nclass _Own: ...\nclass Room: ...")),
        ("lanchat.b", ast.parse("class Link:\n    class Network: ...\nclass _Own: ...")),
    ]
    assert twice(given) == ["Network is a class of lanchat.a and of lanchat.b"]


def test_a_vague_name_is_found() -> None:
    given = [
        Path("lanchat/utils.py"),
        Path("lanchat/helpers/x.py"),
        Path("lanchat/layers/manager.py"),
        Path("lanchat/room.py"),
    ]
    assert len(vague(given)) == 3
