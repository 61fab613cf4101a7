from click.testing import CliRunner

from lanchat.moderation import COMMANDS


def test_each_command_says_what_it_does() -> None:
    for command in COMMANDS.values():
        done = CliRunner().invoke(command, ["--help"])
        assert done.exit_code == 0
        assert "NAME" in done.output


def test_what_is_no_action_is_refused() -> None:
    moderate = COMMANDS["moderate"]
    done = CliRunner().invoke(moderate, ["general", "praise", "Ada"])
    assert done.exit_code == 2
