"""The command line. Every command is loaded when it is called: the start of the window waits for nothing else."""

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lanchat import __version__
from lanchat.errors import LanchatError
from lanchat.moderation import COMMANDS

if TYPE_CHECKING:
    from lanchat.client import Lookup
    from lanchat.config import Config

_INTERRUPTED = 130
_EPILOG = """\b
Examples:
  lanchat                            open the window
  lanchat serve --room workshop      run without a window
  echo hi | lanchat send general -   send a message from a script
  lanchat announce "Lunch is ready"  tell everybody, whatever room they are in
  lanchat tail general --json        follow a room, one event a line
  lanchat export general talk.html   a room as a file

\b
Exit codes:
  0  done                       4  network: port taken, nobody answers
  1  failed                     5  data directory or database
  2  wrong use or setting       6  runs already on this data directory
  3  no such room               7  no window can be opened
                              130  interrupted before it was done
"""

_NODE_OPTIONS = [
    click.option("--port", type=int, help="TCP port on the network. Default 28280, or the next free one; 0: any."),
    click.option("--window-port", type=int, help="TCP port of the window on 127.0.0.1. Default 28281, likewise."),
    click.option("--bind", help="Use only the interface with this address; 127.0.0.1 keeps Lanchat on this machine."),
    click.option("--data-dir", type=click.Path(path_type=Path), help="Where messages and settings are kept."),
    click.option("--name", help="How others see this machine. Default: its host name."),
    click.option("--nick", help="How others see you. Default: your name in the operating system."),
    click.option("--room", help="Room to open at start."),
    click.option("--keep-days", type=click.IntRange(0), help="Remove what is older. Default: 0, nothing."),
    click.option("--keep-messages", type=click.IntRange(0), help="Keep so many a room. Default: 0, all."),
    click.option("--redis", metavar="URL", help="Share notifications and statistics with other nodes through a Redis."),
    click.option("--showcase", is_flag=True, default=None, help="Answer at the sockets of the tutorial as well."),
]
_FIND_OPTIONS = [
    click.option("--data-dir", type=click.Path(path_type=Path), help="Of the node to use on this machine."),
    click.option("--bind", help="Lookup only through the interface with this address."),
    click.option("--host", metavar="ADDR:PORT", help="Ask this node, and search nothing."),
    click.option("--wait", type=click.FloatRange(0, 600), default=3.0, show_default=True, help="Seconds to search."),
]
_KEEP_OPTIONS = [
    click.option("--data-dir", type=click.Path(path_type=Path), help="Where messages and settings are kept."),
    click.option("--json", "as_json", is_flag=True, help="Print what came of it, and the progress, as JSON."),
]


def _options(options: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    return lambda command: functools.reduce(lambda inner, option: option(inner), reversed(options), command)


@click.group(invoke_without_command=True, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@_options(_NODE_OPTIONS)
@click.version_option(__version__, prog_name="lanchat")
@click.pass_context
def program(context: click.Context, /, **settings: Any) -> None:
    """The chat for a network without a server.

    Without a command this opens the window: you are in a room with everybody on your network who did the same.
    """
    if context.invoked_subcommand is not None:
        return
    config = _config(settings)
    from lanchat import log
    from lanchat.desktop import run

    log.begin(config.data_dir, to_terminal=False)
    context.exit(run(config))


@program.command()
@_options(_NODE_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready.")
def serve(as_json: bool, **settings: Any) -> None:
    """Run a node without a window, until Ctrl-C or SIGTERM."""
    config = _config(settings)
    from lanchat import log
    from lanchat.commands import serve as serving

    log.begin(config.data_dir, to_terminal=True)
    _run(serving.serve(config, as_json=as_json))


@program.command()
@_options(_FIND_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Print one room a line as JSON.")
def rooms(as_json: bool, wait: float, host: str | None, **settings: Any) -> None:
    """List the rooms on this machine and on the network."""
    search = _search(settings, wait, host)
    from lanchat.commands import talk as talking

    _run(talking.rooms(search, as_json=as_json))


@program.command()
@click.argument("room")
@click.argument("text", required=False)
@_options(_FIND_OPTIONS)
@click.option("--nick", help="Name to send it under.")
@click.option("--json", "as_json", is_flag=True, help="Print room, seq and nonce of each message as JSON.")
def send(room: str, text: str | None, wait: float, host: str | None, as_json: bool, **settings: Any) -> None:
    """Send TEXT to ROOM, and return once it is kept.

    With - or without TEXT, standard input is one message; if it is longer than 4000 characters, it becomes several,
    cut at the ends of lines. The room is looked for on this machine's node, then on the network.
    """
    search = _search(settings, wait, host)
    from lanchat.commands import talk as talking

    _run(talking.send(search, room, _words(text), as_json=as_json))


@program.command()
@click.argument("text", required=False)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Of the node to use on this machine.")
@click.option("--nick", help="Name to announce it under.")
@click.option("--json", "as_json", is_flag=True, help="Print the announcement as JSON.")
def announce(text: str | None, as_json: bool, **settings: Any) -> None:
    """Announce TEXT to everybody on your node, whatever room they are in.

    With - or without TEXT, standard input is announced. It also reaches everybody in the rooms that have their home on
    your node.
    """
    config = _config(settings)
    from lanchat.commands import talk as talking

    _run(talking.announce(config, _words(text), as_json=as_json))


@program.command()
@click.argument("room")
@_options(_FIND_OPTIONS)
@click.option("--since", type=click.IntRange(0), help="Begin after the event of this number. Default: the last ten.")
@click.option("--no-follow", is_flag=True, help="Print what there is and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one event a line as JSON.")
def tail(
    room: str, wait: float, host: str | None, since: int | None, no_follow: bool, as_json: bool, **settings: Any
) -> None:
    """Print the messages of ROOM, until Ctrl-C. Goes on by itself when the connection was lost."""
    search = _search(settings, wait, host)
    from lanchat.commands import tail as tailing

    _run(tailing.tail(search, room, since=since, wait=not no_follow, as_json=as_json))


@program.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options(_KEEP_OPTIONS)
def backup(file: Path, as_json: bool, **settings: Any) -> None:
    """Copy everything that is kept here into FILE, whether Lanchat runs or not. Nothing is overwritten.

    To go back to it, end Lanchat and put FILE in the place of lanchat.db in the data directory.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    _run(keeping.backup(config, file, as_json=as_json))


@program.command()
@click.argument("room")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["jsonl", "html"]), help="Default: as FILE ends, else jsonl.")
@_options(_KEEP_OPTIONS)
def export(room: str, file: Path | None, form: Any, as_json: bool, **settings: Any) -> None:
    """Write ROOM into FILE, as JSON Lines to be imported again or as a page to be read. Nothing is overwritten.

    Without FILE it goes to the downloads, under a name that says what it is. Ctrl-C ends it, and leaves no file.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    _run(keeping.export_room(config, room, file, form, as_json=as_json))


@program.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_options(_KEEP_OPTIONS)
def import_(file: Path, as_json: bool, **settings: Any) -> None:
    """Bring back the room that was exported into FILE. What is here already does not come twice.

    Ctrl-C ends it; what was imported by then stays, and a second import goes on from there.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    _run(keeping.import_room(config, file, as_json=as_json))


@program.command()
@click.option("--json", "as_json", is_flag=True, help="Print one limit a line as JSON.")
def limits(as_json: bool) -> None:
    """Show every limit: what others can ask of this node. They are set in `[limits]` of lanchat.toml."""
    from lanchat.commands import limits as bounds

    bounds.show(_config({}).limits, as_json=as_json)


@program.command()
def selftest() -> None:
    """Start a node of its own, use every part of it, and report what works."""
    from lanchat.selftest import run

    _run(run())


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
    for command in COMMANDS:
        program.add_command(command)
    try:
        program.main(arguments, prog_name="lanchat")
    except LanchatError as error:
        _complain(error.code, str(error), as_json="--json" in arguments)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the user gets a sentence, the log the rest
        _complain("error", _surprise(error), as_json="--json" in arguments)
        sys.exit(1)


def _config(settings: dict[str, Any]) -> "Config":
    from lanchat.config import load_config

    return load_config(settings)


def _search(settings: dict[str, Any], wait: float, host: str | None) -> "Lookup":
    from lanchat.client import Lookup

    return Lookup(config=_config(settings), wait=wait, host=host or "")


def _words(text: str | None) -> str:
    if text is None and sys.stdin.isatty():
        raise click.UsageError("Give TEXT, or - to read standard input.")
    said = sys.stdin.buffer.read() if text is None or text == "-" else text.encode(errors="surrogateescape")
    return said.decode(errors="replace")


def _run(work: Any) -> None:
    import asyncio

    try:
        asyncio.run(work)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _complain(code: str, sentence: str, *, as_json: bool) -> None:
    # Another node may have written a part of the sentence.
    sentence = "".join(letter if letter.isprintable() else " " for letter in sentence)
    if as_json:
        import json

        sentence = json.dumps({"event": "error", "code": code, "message": sentence}, ensure_ascii=False)
    with contextlib.suppress(BrokenPipeError):
        click.echo(sentence if as_json else f"lanchat: {sentence}", err=True)


def _surprise(error: Exception) -> str:
    import logging

    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)]
    logging.getLogger(__name__).info("The program failed", exc_info=error)
    more = f"; {files[0].baseFilename} says more." if files else "."
    return f"Something went wrong that should not: {type(error).__name__}: {error}{more}"
