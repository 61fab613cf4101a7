"""Every module has a test file of its own, in the same place: lanchat/a/b.py has tests/a/test_b.py."""

from collections.abc import Iterable
from pathlib import Path

from tests.laws import sources

EXCEPTIONS: dict[str, str] = {
    "lanchat/__main__.py": "two lines that call the command line; tests/test_cli.py runs them",
}


def alone(files: Iterable[Path]) -> list[str]:
    """Say which modules have no test file. Packages only say what they export; a law of their own reads them."""
    present, wrong = set(files), []
    for path in sorted(present):
        if path.parts[0] != "lanchat" or path.suffix != ".py" or path.name == "__init__.py":
            continue
        mirror = Path("tests", *path.parts[1:-1], f"test_{path.stem.lstrip('_')}.py")
        if mirror not in present and path.as_posix() not in EXCEPTIONS:
            wrong.append(f"{path} wants {mirror}")
    return wrong


def test_every_module_has_its_test_file() -> None:
    sources.obeyed(alone(sources.files()))


def test_the_exceptions_exist_and_are_few() -> None:
    assert {Path(name) for name in EXCEPTIONS} <= set(sources.files())
    assert len(EXCEPTIONS) <= 3


def test_a_module_alone_is_found() -> None:
    given = [Path("lanchat/chat/rooms.py"), Path("lanchat/chat/__init__.py"), Path("tests/test_rooms.py"), Path("a.py")]
    assert alone(given) == ["lanchat/chat/rooms.py wants tests/chat/test_rooms.py"]
    assert alone([*given, Path("tests/chat/test_rooms.py")]) == []
