"""The command line. Every command is loaded when it is called: the start of the window waits for nothing else."""

import io
import sys
from typing import Any

import click

from lanchat import __version__
from lanchat.cli import keeping, moderation, talking
from lanchat.cli.complaints import complain, run_work, surprise
from lanchat.cli.exit_codes import exit_code_of
from lanchat.cli.options import NODE, config_of, options
from lanchat.errors import LanchatError

_EPILOG = """\b
Examples:
  lanchat                            open the window
  lanchat serve --room workshop      run without a window
  echo hi | lanchat send general -   send a message from a script
  lanchat announce "Lunch is ready"  tell everybody, whatever room they are in
  lanchat tail general --json        follow a room, one event a line

\b
Exit codes:
  0  done                       4  network: port taken, nobody answers
  1  failed                     5  data directory or database
  2  wrong use or setting       6  runs already on this data directory
  3  no such room               7  no window can be opened
  8  kept here, but not yet   130  interrupted before it was done
     where it was sent
"""


@click.group(invoke_without_command=True, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@options(NODE)
@click.version_option(__version__, prog_name="lanchat")
@click.pass_context
def program(context: click.Context, /, **settings: Any) -> None:
    """The chat for a network without a server.

    Without a command this opens the window: you are in a room with everybody on your network who did the same.
    """
    if context.invoked_subcommand is not None:
        return
    config = config_of(settings)
    from lanchat import log
    from lanchat.desktop import run

    log.begin(config.data_dir, to_terminal=False)
    context.exit(run(config))


@program.command()
@options(NODE)
@click.option("--log-format", type=click.Choice(["text", "json"]), help="json: all of it, to stderr.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready.")
def serve(as_json: bool, **settings: Any) -> None:
    """Run a node without a window, until Ctrl-C or SIGTERM; a second one ends it at once.

    A node that shares its rooms sends its guests to the other nodes before it ends.
    """
    config = config_of(settings)
    from lanchat import log
    from lanchat.commands import serve as serving

    log.begin(config.data_dir, to_terminal=True, as_json=config.log_format == "json")
    run_work(serving.serve(config, as_json=as_json))


@program.command()
@click.option("--json", "as_json", is_flag=True, help="Print one limit a line as JSON.")
def limits(as_json: bool) -> None:
    """Show every limit: what others can ask of this node. They are set in `[limits]` of lanchat.toml."""
    from lanchat.commands import limits as bounds

    bounds.show(config_of({}).limits, as_json=as_json)


@program.command()
def selftest() -> None:
    """Start a node of its own, use every part of it, and report what works."""
    from lanchat.selftest import run

    run_work(run())


for command in (*talking.COMMANDS, *keeping.COMMANDS, *moderation.COMMANDS):
    program.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Whatever goes wrong is one sentence, never a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if getattr(sys, "frozen", False) and arguments[:1] == ["--probe-window"]:
        from lanchat.desktop import main as probe

        probe(arguments[1])
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What people write need not fit a terminal of another alphabet.
            stream.reconfigure(errors="replace")
    try:
        program.main(arguments, prog_name="lanchat")
    except LanchatError as error:
        complain(error.code, str(error), as_json="--json" in arguments)
        sys.exit(exit_code_of(type(error)))
    except Exception as error:  # noqa: BLE001 - the user gets a sentence, the log the rest
        complain("error", surprise(error), as_json="--json" in arguments)
        sys.exit(1)
