from click.testing import CliRunner

from lanchat.moderation import COMMANDS


def test_each_command_says_what_it_does() -> None:
    for command in COMMANDS:
        done = CliRunner().invoke(command, ["--help"])
        assert done.exit_code == 0
        assert "NAME" in done.output


def test_what_is_no_action_is_refused() -> None:
    moderate = next(command for command in COMMANDS if command.name == "moderate")
    done = CliRunner().invoke(moderate, ["general", "praise", "Ada"])
    assert done.exit_code == 2
