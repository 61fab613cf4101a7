"""What no file of this repository has: a machine's paths, a registry's address, unfinished work, sleeps for luck."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.laws import sources

_FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.$}/])(?:/home/\w|/root/|/Users/\w|/work/)|[A-Z]:\\+Users\\",
    "a registry's address": r"\"resolved\": *\"http|index[-]url|^registry *=|registry[.]npmjs|pypi[.]org/simple",
    "unfinished work": r"\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b",
}
_SWITCHED_OFF = re.compile(r"mark[.](?:skip|xfail)\b(?!if)|pytest[.]xfail")
_MAY_SLEEP = {Path("tests/support/conditions.py"), Path("tests/support/faults/spans.py")}


def stains(text: str) -> list[str]:
    """Say what in a text has no place in the repository, with the line."""
    return [
        f"{number}: {what}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in _FORBIDDEN.items()
        if re.search(pattern, line)
    ]


def sleeps(module: ast.Module) -> list[str]:
    """Say where a test waits for a time. `asyncio.sleep(0)` gives way and waits for nothing."""
    found = []
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio"), attr="sleep"), args=[ast.Constant(value=0)]):
                continue
            case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio" | "time" as clock), attr="sleep")):
                found.append(f"{node.lineno}: {clock}.sleep; wait for a condition (tests/support/conditions.py)")
            case ast.ImportFrom(module="asyncio" | "time", names=names) if any(name.name == "sleep" for name in names):
                found.append(f"{node.lineno}: imports sleep; wait for a condition (tests/support/conditions.py)")
            case _:
                continue
    return found


def links(root: Path, names: Iterable[Path]) -> Iterator[Path]:
    """Return which of the names in a folder are symbolic links."""
    return (name for name in names if (root / name).is_symlink())


def _text(path: Path) -> str:
    try:
        return (sources.ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def _tests() -> list[Path]:
    return [path for path in sources.files() if path.parts[0] == "tests" and path.suffix == ".py"]


def test_no_file_is_stained() -> None:
    mine = Path(__file__).relative_to(sources.ROOT)
    given = [path for path in sources.files() if path != mine]
    sources.obeyed(f"{path}:{line}" for path in given for line in stains(_text(path)))


def test_nothing_is_a_link(tmp_path: Path) -> None:
    """A link leads somewhere else on another machine, and some systems cannot have one."""
    sources.obeyed(f"{path} is a link." for path in links(sources.ROOT, sources.entries()))
    (tmp_path / "link").symlink_to(tmp_path)
    assert list(links(tmp_path, (Path("link"),))) == [Path("link")]


def test_no_test_sleeps() -> None:
    given = [path for path in _tests() if path not in _MAY_SLEEP]
    sources.obeyed(f"{path}:{line}" for path in given for line in sleeps(sources.tree(sources.ROOT / path)))


def test_nothing_waits_in_a_way_that_may_swallow_a_cancellation() -> None:
    # asyncio.wait_for does before Python 3.12 (python/cpython issue 86296); asyncio.timeout does not.
    waiting = [name for name, path in sources.modules().items() if "asyncio.wait_for(" in path.read_text("utf-8")]
    sources.obeyed(f"{name} calls asyncio.wait_for; use asyncio.timeout" for name in waiting)


def test_no_test_is_switched_off() -> None:
    mine = Path(__file__).relative_to(sources.ROOT)
    sources.obeyed(str(path) for path in _tests() if path != mine and _SWITCHED_OFF.search(_text(path)))


def test_what_runs_and_what_is_tested_are_the_same_versions() -> None:
    tested = pins((sources.ROOT / "requirements" / "test.txt").read_text("utf-8"))
    run = pins((sources.ROOT / "requirements" / "run.txt").read_text("utf-8"))
    assert {name: (version, tested.get(name)) for name, version in run.items() if tested.get(name) != version} == {}


def test_every_requirement_has_its_hashes() -> None:
    for path in (sources.ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == [], path.name


def test_everything_that_the_project_names_is_pinned() -> None:
    project = tomllib.loads((sources.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[\s<>=;\[]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}
    pinned = pins((sources.ROOT / "requirements" / "run.txt").read_text("utf-8"))
    assert named - set(pinned) == set()


def pins(text: str) -> dict[str, str]:
    """Return the version that a file of requirements pins for each package."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    "line",
    [
        'path = "/home/ada/chat"',
        "cd /root/lanchat",
        r'path = "C:\\Users\\ada"',
        '"resolved": "https://registry.example/x.tgz"',
        "--index-url https://example.org",
        "registry = https://example.org",
        "# TODO: later",
        "x = 1  # FIXME",
    ],
)
def test_a_stain_is_found(line: str) -> None:
    assert len(stains(f"fine\n{line}\n")) == 1


@pytest.mark.parametrize(
    "line", ["~/chat", "$HOME/.config", "docs/home/page", "/rooms/general", "a registry of layers"]
)
def test_what_is_clean_is_let_be(line: str) -> None:
    assert stains(line) == []


@pytest.mark.parametrize(
    "code",
    ["import time\ntime.sleep(0)", "asyncio.sleep(0.1)", "asyncio.sleep(pause)", "from asyncio import sleep"],
)
def test_a_sleep_is_found(code: str) -> None:
    assert len(sleeps(ast.parse(code))) == 1


def test_giving_way_is_no_sleep() -> None:
    assert sleeps(ast.parse("async def f():\n    await asyncio.sleep(0)\n    loop.call_later(1, g)")) == []
