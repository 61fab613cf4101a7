"""The commands that say something: what their options and arguments may be. What they do: tests/unit/commands."""

import pytest
from click.testing import CliRunner

from lanchat.cli.talking import COMMANDS, send


def test_each_command_says_what_it_does() -> None:
    for command in COMMANDS:
        done = CliRunner().invoke(command, ["--help"])
        assert done.exit_code == 0
        assert len(done.output) > 200


@pytest.mark.parametrize("wrong", [["general"], ["general", "hi", "--wait", "-1"], ["general", "hi", "--search", "x"]])
def test_what_cannot_be_is_refused_before_anything_is_looked_for(wrong: list[str]) -> None:
    assert CliRunner().invoke(send, wrong[1:] if len(wrong) == 1 else wrong).exit_code == 2
