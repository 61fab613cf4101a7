"""The log: where it is, what goes to the terminal, and what happens when it cannot be written."""

import contextlib
import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat import log
from lanchat.errors import LanchatError
from tests.support.clock import Clock


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
    monkeypatch.setattr(log, "BURST", 1000)
    log.begin(data_dir, to_terminal=False)
    for number in range(200):
        logging.getLogger("lanchat.x").info("line %d", number)
    files = sorted(path.name for path in data_dir.iterdir())
    assert files == [log.FILE, *(f"{log.FILE}.{number}" for number in (1, 2, 3))]
    assert all((data_dir / name).stat().st_size <= 1000 for name in files)


def written(data_dir: Path) -> list[str]:
    return (data_dir / log.FILE).read_text("utf-8").splitlines()


TRICKS = {
    "a line break": "x\n2026-01-01 00:00:00,000 CRITICAL lanchat: all is lost",
    "a return and an erase": "x\r\x1b[2K\x1b[1A",
    "a terminal's title": "\x1b]0;root\x07",
    "right to left": "\u202egnp.exe",
    "line separators": "a\u2028b\x85c\x0bd",
    "100 KB": "y" * 100_000,
}


@pytest.mark.parametrize("words", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("form", ["%s", "%r", "%(words)s", "no form"])
def test_what_others_say_is_one_short_line(data_dir: Path, words: str, form: str) -> None:
    log.begin(data_dir, to_terminal=False)
    logger = logging.getLogger("lanchat.x")
    if form == "no form":
        logger.info(words)
    elif "words" in form:
        logger.info("Said: %(words)s", {"words": words})
    else:
        logger.info(f"Said {form} and %d", LanchatError(words) if form == "%s" else words, 7)
    (line,) = written(data_dir)
    assert line.isprintable()
    assert len(line) < log.LONGEST + 100
    assert "INFO lanchat.x" in line


def test_nothing_in_a_traceback_looks_like_a_line(data_dir: Path) -> None:
    log.begin(data_dir, to_terminal=False)
    forged = ValueError(TRICKS["a line break"] + TRICKS["100 KB"])
    logging.getLogger("lanchat.x").error("It failed", exc_info=forged)
    line, *trace = written(data_dir)
    assert line.endswith("ERROR lanchat.x: It failed")
    assert all(each.startswith("  | ") and len(each) < log.LONGEST + 10 for each in trace)
    assert any("all is lost" in each for each in trace)


def test_a_flood_pushes_nothing_out(data_dir: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """8 long lines of a home rotated everything away; now 100,000 lines are a few, and what was before is there."""
    monkeypatch.setattr(log, "RATE", log.RATE / 1e6)  # however long the flood takes here
    log.begin(data_dir, to_terminal=False)
    logger = logging.getLogger("lanchat.x")
    logger.warning("This is the evidence")

    def flood(times: int) -> None:
        for _ in range(times):
            logger.info("The home says %s", "z" * 100_000)

    flood(5_000)
    logger.warning("Something else")
    clock.advance(11e6)
    flood(1)
    lines = written(data_dir)
    assert lines[0].endswith("This is the evidence")
    assert lines[-2].endswith("Something else")
    assert len(lines) == log.BURST + 3
    assert lines[-1].endswith(f"(and {5_000 - log.BURST} more like it)")
    assert sum(map(len, lines)) < 30_000
    assert [path.name for path in data_dir.iterdir()] == [log.FILE]


def test_nobody_else_reads_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_SIZE", 1000)
    log.begin(data_dir, to_terminal=False)
    for number in range(40):
        logging.getLogger("lanchat.x").info("line %d", number)
    assert {path.stat().st_mode & 0o777 for path in data_dir.iterdir()} == {0o600}


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


def test_json_is_one_object_a_line_and_all_of_it_on_the_terminal(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.begin(data_dir, to_terminal=True, as_json=True)
    logger = logging.getLogger("lanchat.x")
    logger.info("Somebody said %r", 'a "quoted"\nline')
    logger.error("A fault", exc_info=LanchatError("It\nfailed"))
    written = capsys.readouterr().err
    assert written == (data_dir / log.FILE).read_text()
    first, second = map(json.loads, written.splitlines())
    assert first["level"] == "info"
    assert first["logger"] == "lanchat.x"
    assert first["message"] == "Somebody said 'a \"quoted\"\\nline'"
    assert dt.datetime.fromisoformat(first["at"]).tzinfo is dt.UTC
    assert second["level"] == "error"
    assert any("It" in line for line in second["traceback"])


def test_json_says_how_many_lines_were_left_out(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("lanchat.log.time.monotonic", lambda: now[0])
    log.begin(data_dir, to_terminal=True, as_json=True)
    for number in range(log.BURST + 6):
        now[0] += 1 / log.RATE if number == log.BURST + 5 else 0
        logging.getLogger("lanchat.x").info("again")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line.get("left_out", 0) for line in lines] == [0] * log.BURST + [5]
