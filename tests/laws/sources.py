"""What the laws read: the files of this repository."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_MADE = {".git", ".venv", "node_modules", "__pycache__", "build", "dist", "ui"}


@cache
def entries() -> tuple[Path, ...]:
    """Whatever belongs to the repository, links as well, relative to it: what git would keep, or what nothing made."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True)
        names = {Path(name) for name in done.stdout.split("\0") if name}
    except (OSError, subprocess.CalledProcessError):
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if not _MADE & set(path.relative_to(ROOT).parts)}
    return tuple(sorted(names))


def files() -> tuple[Path, ...]:
    """Every file that belongs to the repository, relative to it."""
    return tuple(name for name in entries() if (ROOT / name).is_file())


def modules() -> dict[str, Path]:
    """Every module of lanchat by its dotted name."""
    return {dotted(path): ROOT / path for path in files() if path.parts[0] == "lanchat" and path.suffix == ".py"}


def dotted(path: Path) -> str:
    """Return a module's name for its path in the repository; a package's is its folder's."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def obeyed(wrong: Iterable[str]) -> None:
    """Fail with one line for each breach of a law."""
    lines = list(wrong)
    assert not lines, "\n".join(["", *lines])


def tree(path: Path) -> ast.Module:
    """Parse a Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def every() -> tuple[tuple[str, ast.Module, bool], ...]:
    """Return name and syntax tree of every module of lanchat, and whether it is the `__init__` of a package."""
    return tuple((name, tree(path), path.name == "__init__.py") for name, path in modules().items())


def imported(module: ast.Module, name: str, *, package: bool = False) -> Iterator[tuple[int, str]]:
    """Return line and dotted name of everything that a module imports, wherever in it, for types and lazily too."""
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                yield from ((node.lineno, alias.name) for alias in aliases)
            case ast.ImportFrom(module=source, names=aliases, level=level):
                base = name.split(".")[: len(name.split(".")) - level + package] if level else []
                start = ".".join([*base, *([source] if source else [])])
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in aliases)
            case ast.Call(func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"), args=[first, *_]):
                if isinstance(first, ast.Constant):
                    yield node.lineno, str(first.value)
            case ast.Attribute(value=ast.Name(id=head), attr=attribute):
                yield node.lineno, f"{head}.{attribute}"


def exports(module: ast.Module) -> list[str] | None:
    """Return what a module's `__all__` lists; None when it has none, although there is more in it than a docstring."""
    if len(module.body) <= 1:
        return []
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                return [str(name.value) for name in names if isinstance(name, ast.Constant)]
            case _:
                continue
    return None


def within(name: str, owner: str) -> bool:
    """Return whether a dotted name is `owner` or lies in it."""
    return name == owner or name.startswith(f"{owner}.")


def module_of(target: str, known: Iterable[str]) -> str:
    """Return the module of lanchat that an imported name lies in, or is: the longest of `known`; else nothing."""
    return max((name for name in known if within(target, name)), key=len, default="")
