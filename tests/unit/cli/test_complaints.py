"""What the command line says when something went wrong."""

import logging
from pathlib import Path

import pytest

from lanchat.cli.complaints import complain, surprise


@pytest.mark.parametrize("as_json", [False, True])
def test_what_another_node_says_in_an_error_cannot_harm_the_terminal(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    complain("error", "red \x1b[31m\r\u202e and \n lines", as_json=as_json)
    line = capsys.readouterr().err
    assert line.removesuffix("\n").isprintable()
    assert "red  [31m" in line


def test_a_surprise_is_one_sentence_that_names_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logging.FileHandler(tmp_path / "lanchat.log", delay=True)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    sentence = surprise(KeyError("x"))
    handler.close()
    assert sentence == f"Something went wrong that should not: KeyError: 'x'; {tmp_path / 'lanchat.log'} says more."
