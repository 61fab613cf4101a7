"""The log: where it is, what goes to the terminal, and what happens when it cannot be written."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat import log


@pytest.fixture(autouse=True)
def _own_handlers(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The handlers of a test end with it, and are on the terminal that the test sees."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()
    root.setLevel(level)


def test_it_is_a_file_in_the_data_directory(data_dir: Path) -> None:
    log.begin(data_dir, to_terminal=False)
    assert not (data_dir / log.FILE).exists()
    logging.getLogger("lanchat.x").info("Something happened")
    line = (data_dir / log.FILE).read_text()
    assert line.endswith(" INFO lanchat.x: Something happened\n")
    assert data_dir.stat().st_mode & 0o777 == 0o700


def test_only_warnings_go_to_the_terminal(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.begin(data_dir, to_terminal=True)
    logging.getLogger("lanchat.x").info("quiet")
    logging.getLogger("lanchat.x").warning("loud")
    assert capsys.readouterr() == ("", "lanchat: loud\n")


def test_nothing_goes_to_the_terminal_of_a_window(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.begin(data_dir, to_terminal=False)
    logging.getLogger("lanchat.x").error("a fault")
    assert capsys.readouterr() == ("", "")


def test_it_does_not_grow_for_ever(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_SIZE", 1000)
    log.begin(data_dir, to_terminal=False)
    for number in range(200):
        logging.getLogger("lanchat.x").info("line %d", number)
    files = sorted(path.name for path in data_dir.iterdir())
    assert files == [log.FILE, *(f"{log.FILE}.{number}" for number in (1, 2, 3))]
    assert all((data_dir / name).stat().st_size <= 1000 for name in files)


@pytest.mark.parametrize("kind", ["directory is a file", "log is a directory"])
def test_without_a_log_the_program_goes_on(data_dir: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    if kind == "directory is a file":
        data_dir.write_text("mine")
    else:
        (data_dir / log.FILE).mkdir(parents=True)
    log.begin(data_dir, to_terminal=True)
    logging.getLogger("lanchat.x").warning("said")
    assert capsys.readouterr() == ("", "lanchat: said\n")


def test_a_full_disk_prints_nothing(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log, "FILE", "full")
    data_dir.mkdir()
    (data_dir / "full").symlink_to("/dev/full")
    log.begin(data_dir, to_terminal=False)
    logging.getLogger("lanchat.x").error("lost")
    assert capsys.readouterr() == ("", "")
