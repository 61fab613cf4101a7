from click.testing import CliRunner

from lanchat.cli.moderation import COMMANDS, moderate


def test_each_command_says_what_it_does() -> None:
    for command in COMMANDS:
        done = CliRunner().invoke(command, ["--help"])
        assert done.exit_code == 0
        assert "NAME" in done.output


def test_what_is_no_action_is_refused() -> None:
    done = CliRunner().invoke(moderate, ["general", "praise", "Ada"])
    assert done.exit_code == 2
