"""What is said while something takes long."""

import io
import json
import sys

import pytest

from lanchat.commands.progress import progress


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_changes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(as_json=False) as shown:
        for done in (0, 1, 1, 50):
            shown.say("exporting", done, 100)
    erase = "\x1b[K"
    assert terminal.getvalue() == "".join(
        ["\rexporting   0 %" + erase, "\rexporting   1 %" + erase, "\rexporting  50 %" + erase, "\r" + erase]
    )


def test_elsewhere_there_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(as_json=False) as shown:
        for done in range(101):
            shown.say("sending", done, 100)
        shown.say("importing", 0, 0)
        shown.say("importing", 7, 7)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["lanchat: sending   0 %", "lanchat: sending  10 %"]
    assert lines[-2:] == ["lanchat: importing   0 %", "lanchat: importing 100 %"]
    assert len(lines) == 13


def test_it_is_json_when_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(as_json=True) as shown:
        shown.say("exporting", 3, 4)
    said = json.loads(terminal.getvalue())
    assert said == {"event": "progress", "doing": "exporting", "done": 3, "total": 4}


def test_nobody_who_reads_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    with progress(as_json=False) as shown:
        shown.say("exporting", 3, 4)
        assert shown._said.endswith("75 %")
