import click
from click.testing import CliRunner

from lanchat.cli.options import FIND, KEEP, NODE, options


def test_a_command_has_the_options_that_it_is_given_in_their_order() -> None:
    @click.command()
    @options([click.option("--first"), click.option("--second")])
    def command(first: str, second: str) -> None:
        click.echo(f"{first} {second}")

    assert CliRunner().invoke(command, ["--second", "2", "--first", "1"]).output == "1 2\n"
    assert [option.name for option in command.params] == ["first", "second"]


def test_every_command_can_be_told_where_things_are_kept() -> None:
    for some in (NODE, FIND, KEEP):
        command = options(some)(click.command()(lambda **_: None))
        assert "data_dir" in {option.name for option in command.params}
