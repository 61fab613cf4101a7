"""What a script of ten lines does: the one of the README, as a process of its own, beside a real node."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import lanchat
from lanchat import announce, announce_async, send, send_async
from lanchat.client import scripting
from lanchat.errors import InvalidFrame, InvalidNick, Unreachable
from tests.support.places import ROOT
from tests.support.terminal import ANY_PORTS, PATIENCE, lanchat_inside, served

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def served_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data_dir = tmp_path_factory.mktemp("scripting") / "data"
    with served(data_dir, *ANY_PORTS, "--name", "desk", "--nick", "Ada"):
        yield data_dir


@pytest.fixture
def here(served_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node of this user, found by the environment, as a script finds it."""
    monkeypatch.setenv("LANCHAT_DATA_DIR", str(served_data))
    monkeypatch.setenv("LANCHAT_BIND", "127.0.0.1")
    return served_data


def said(data_dir: Path, room: str) -> list[Any]:
    """Return the events of a room."""
    return lanchat_inside(
        "tail", room, "--bind", "127.0.0.1", "--data-dir", data_dir, "--since", "0", "--no-follow", "--json"
    ).objects


def script_of_the_readme() -> str:
    part = README.read_text("utf-8").partition("## Scripts")[2]
    code = re.search(r"```python\n(.*?)```", part, re.DOTALL)
    assert code is not None
    return code[1]


def test_the_script_of_the_readme_speaks_from_a_process_of_its_own(here: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(script_of_the_readme(), "utf-8")
    assert len(script_of_the_readme().splitlines()) <= 10
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    (event,) = said(here, "computers")
    assert re.fullmatch(r"\d+ % of the disk is free\.", event["body"]["text"])
    assert event["author"]["nick"] == "Disk watch"


def test_what_is_said_is_kept_under_the_number_that_comes_back(here: Path) -> None:
    assert [send("numbers", text) for text in ("one", "two")] == [1, 2]
    assert send("numbers", "x" * 4001, nick="Robot") == 4
    events = said(here, "numbers")
    assert [len(event["body"]["text"]) for event in events] == [3, 3, 4000, 1]
    assert [event["author"]["nick"] for event in events] == ["Ada", "Ada", "Robot", "Robot"]


def test_a_host_is_asked_and_nobody_else(here: Path) -> None:
    lan = msgspec.json.decode((here / "node.json").read_bytes())["lan"]
    assert send("hosts", "over the network", nick="Robot", host=lan) == 1
    with socket.create_server(("127.0.0.1", 0)) as nobody, pytest.raises(Unreachable):
        send("hosts", "lost", host=f"127.0.0.1:{nobody.getsockname()[1]}")


async def test_in_an_event_loop(here: Path) -> None:
    assert await send_async("loops", "one") == 1
    await announce_async("Lunch")
    for blocking in (lambda: send("loops", "two"), lambda: announce("Lunch")):
        with pytest.raises(RuntimeError, match="_async"):
            blocking()


def test_what_went_wrong_is_one_sentence(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidFrame, match="empty"):
        send("numbers", " ")
    with pytest.raises(InvalidNick):
        announce("Lunch", nick="two\nlines")
    monkeypatch.setenv("LANCHAT_DATA_DIR", str(tmp_path))
    with pytest.raises(Unreachable, match="No Lanchat of yours"):
        announce("Lunch")


def test_the_package_loads_nothing_before_it_is_asked_for() -> None:
    code = "import sys, lanchat; print([name for name in sys.modules if name.startswith('lanchat.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "[]\n"
    assert {name for name in lanchat.__all__ if callable(getattr(lanchat, name))} == {
        name for name in vars(scripting) if name.startswith(("send", "announce"))
    }
    with pytest.raises(AttributeError, match="nothing"):
        _ = lanchat.nothing
