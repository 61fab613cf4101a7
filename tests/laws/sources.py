"""What the laws read: the files of this repository."""

import ast
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_MADE = {".git", ".venv", "node_modules", "__pycache__", "build", "dist", "ui"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the repository, relative to it: what git would keep, else what nothing made."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True)
        names = {Path(name) for name in done.stdout.split("\0") if name}
    except (OSError, subprocess.CalledProcessError):
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if not _MADE & set(path.relative_to(ROOT).parts)}
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


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
