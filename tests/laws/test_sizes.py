"""A module is read without a table of contents, and a folder is taken in at a glance."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.laws import sources

MOST_LINES = 300
MOST_MODULES = 15


def long(lengths: Mapping[str, int]) -> list[str]:
    """Say which modules have too many lines."""
    most = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    return [f"{name} has {lines} lines; {MOST_LINES} is the most" for name, lines in most.items()]


def crowded(paths: Iterable[Path]) -> list[str]:
    """Say which folders have too many modules; a package's `__init__` counts for nothing."""
    counts = Counter(path.parent.as_posix() for path in paths if path.name != "__init__.py")
    most = {folder: count for folder, count in counts.items() if count > MOST_MODULES}
    return [f"{folder} has {count} modules; {MOST_MODULES} is the most" for folder, count in most.items()]


def test_no_module_needs_a_table_of_contents() -> None:
    sources.obeyed(long({name: len(path.read_text("utf-8").splitlines()) for name, path in sources.modules().items()}))


def test_no_folder_is_crowded() -> None:
    sources.obeyed(crowded(path.relative_to(sources.ROOT) for path in sources.modules().values()))


def test_a_long_module_is_found() -> None:
    assert long({"lanchat.a": 301, "lanchat.b": 300}) == ["lanchat.a has 301 lines; 300 is the most"]


def test_a_crowded_folder_is_found() -> None:
    given = [Path("lanchat/a", f"{number}.py") for number in range(16)]
    assert crowded([*given, Path("lanchat/a/b/x.py")]) == ["lanchat/a has 16 modules; 15 is the most"]
    assert crowded([*given[1:], Path("lanchat/a/__init__.py")]) == []
