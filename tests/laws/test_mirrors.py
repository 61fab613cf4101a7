"""Every module that does something has a test file of its own: lanchat/a/b.py has tests/unit/a/test_b.py."""

import ast
from collections.abc import Iterable
from pathlib import Path

from tests.laws import sources

EXCEPTIONS: dict[str, str] = {
    "lanchat/__main__.py": "two lines that call the command line; tests/unit/test_cli.py runs them",
}


def declares_only(module: ast.Module) -> bool:
    """Return whether a module holds nothing that runs: constants, types, and classes whose methods have no body."""
    return not any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _has_no_body(node) for node in ast.walk(module)
    )


def alone(files: Iterable[Path], doing: Iterable[Path]) -> list[str]:
    """Say which of the modules that do something have no test file."""
    present, wrong = set(files), []
    for path in sorted(doing):
        mirror = Path("tests", "unit", *path.parts[1:-1], f"test_{path.stem.lstrip('_')}.py")
        if mirror not in present and path.as_posix() not in EXCEPTIONS:
            wrong.append(f"{path} wants {mirror}")
    return wrong


def _has_no_body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body)


def test_every_module_has_its_test_file() -> None:
    # Packages only say what they export; a law of their own reads them.
    modules = [path for path in sources.modules().values() if path.name != "__init__.py"]
    doing = [path.relative_to(sources.ROOT) for path in modules if not declares_only(sources.tree(path))]
    sources.obeyed(alone(sources.files(), doing))


def test_the_exceptions_exist_and_are_few() -> None:
    assert {Path(name) for name in EXCEPTIONS} <= set(sources.files())
    assert len(EXCEPTIONS) <= 3


def test_a_module_alone_is_found() -> None:
    doing = [Path("lanchat/rooms/registry.py")]
    given = [*doing, Path("tests/test_rooms.py"), Path("a.py")]
    assert alone(given, doing) == ["lanchat/rooms/registry.py wants tests/unit/rooms/test_registry.py"]
    assert alone([*given, Path("tests/unit/rooms/test_registry.py")], doing) == []


def test_what_runs_is_told_from_what_is_declared() -> None:
    assert declares_only(
        ast.parse('X = 1\nclass C:\n    """Said."""\n    a: int\n    def m(self) -> int:\n        """Said."""')
    )
    assert not declares_only(ast.parse("class C:\n    def m(self) -> int:\n        return 1"))
