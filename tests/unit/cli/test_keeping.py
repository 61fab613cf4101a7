"""The commands about what is kept here: what their options and arguments may be. What they do: tests/unit/commands."""

from click.testing import CliRunner

from lanchat.cli.keeping import COMMANDS, carry, export, forget


def test_each_command_says_what_it_does() -> None:
    for command in COMMANDS:
        done = CliRunner().invoke(command, ["--help"])
        assert done.exit_code == 0
        assert len(done.output) > 200


def test_what_cannot_be_is_refused() -> None:
    assert CliRunner().invoke(export, ["general", "--format", "pdf"]).exit_code == 2
    assert CliRunner().invoke(forget, []).exit_code == 2


def test_a_room_is_carried_one_way_at_a_time() -> None:
    for given in ([], ["general"], ["--open", "f", "general"], ["general", "f", "--open", "f"]):
        done = CliRunner().invoke(carry, given)
        assert (done.exit_code, "lanchat carry ROOM FILE, or: lanchat carry --open FILE" in done.output) == (2, True)
