"""The command line. Every command is loaded when it is called: the start of the window waits for nothing else."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lanchat import __version__
from lanchat.complaints import complain, run_work, surprise
from lanchat.errors import LanchatError
from lanchat.moderation import COMMANDS
from lanchat.options import FIND, KEEP, NODE, options

if TYPE_CHECKING:
    from lanchat.client import Lookup
    from lanchat.config import Config

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
                              130  interrupted before it was done
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
    config = _config(settings)
    from lanchat import log
    from lanchat.desktop import run

    log.begin(config.data_dir, to_terminal=False)
    context.exit(run(config))


@program.command()
@options(NODE)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready.")
def serve(as_json: bool, **settings: Any) -> None:
    """Run a node without a window, until Ctrl-C or SIGTERM."""
    config = _config(settings)
    from lanchat import log
    from lanchat.commands import serve as serving

    log.begin(config.data_dir, to_terminal=True)
    run_work(serving.serve(config, as_json=as_json))


@program.command()
@options(FIND)
@click.option("--json", "as_json", is_flag=True, help="Print one room a line as JSON.")
def rooms(as_json: bool, wait: float, host: str | None, **settings: Any) -> None:
    """List the rooms on this machine and on the network."""
    search = _search(settings, wait, host)
    from lanchat.commands import talk as talking

    run_work(talking.rooms(search, as_json=as_json))


@program.command()
@click.argument("room")
@click.argument("text", required=False)
@options(FIND)
@click.option("--nick", help="Name to send it under.")
@click.option("--json", "as_json", is_flag=True, help="Print room, seq and nonce of each message as JSON.")
def send(room: str, text: str | None, wait: float, host: str | None, as_json: bool, **settings: Any) -> None:
    """Send TEXT to ROOM, and return once it is kept.

    With - or without TEXT, standard input is one message; if it is longer than 4000 characters, it becomes several,
    cut at the ends of lines. The room is looked for on this machine's node, then on the network.
    """
    search = _search(settings, wait, host)
    from lanchat.commands import talk as talking

    run_work(talking.send(search, room, _words(text), as_json=as_json))


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

    run_work(talking.announce(config, _words(text), as_json=as_json))


@program.command()
@click.argument("room")
@options(FIND)
@click.option("--since", type=click.IntRange(0), help="Begin after the event of this number. Default: the last ten.")
@click.option("--no-follow", is_flag=True, help="Print what there is and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one event a line as JSON.")
def tail(
    room: str, wait: float, host: str | None, since: int | None, no_follow: bool, as_json: bool, **settings: Any
) -> None:
    """Print the messages of ROOM, until Ctrl-C. Goes on by itself when the connection was lost."""
    search = _search(settings, wait, host)
    from lanchat.commands import tail as tailing

    run_work(tailing.tail(search, room, since=since, wait=not no_follow, as_json=as_json))


@program.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(KEEP)
def backup(file: Path, as_json: bool, **settings: Any) -> None:
    """Copy everything that is kept here into FILE, whether Lanchat runs or not. Nothing is overwritten.

    To go back to it, end Lanchat and put FILE in the place of lanchat.db in the data directory.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.backup(config, file, as_json=as_json))


@program.command()
@click.argument("room")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["jsonl", "html"]), help="Default: as FILE ends, else jsonl.")
@options(KEEP)
def export(room: str, file: Path | None, form: Any, as_json: bool, **settings: Any) -> None:
    """Write ROOM into FILE, as JSON Lines to be imported again or as a page to be read. Nothing is overwritten.

    Without FILE it goes to the downloads, under a name that says what it is. Ctrl-C ends it, and leaves no file.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.export_room(config, room, file, form, as_json=as_json))


@program.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--merge", is_flag=True, help="Bring new entries also into a room that has its home here.")
@options(KEEP)
def import_(file: Path, merge: bool, as_json: bool, **settings: Any) -> None:
    """Bring back the room that was exported into FILE. What is here already does not come twice.

    A file can say anything in anybody's name. So what is new for a room that has its home here is brought in only with
    --merge, and never what is dated before that room began, or in the future.

    Ctrl-C ends it; what was imported by then stays, and a second import goes on from there.
    """
    config = _config(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.import_room(config, file, merge=merge, as_json=as_json))


@program.command()
@click.option("--json", "as_json", is_flag=True, help="Print one limit a line as JSON.")
def limits(as_json: bool) -> None:
    """Show every limit: what others can ask of this node. They are set in `[limits]` of lanchat.toml."""
    from lanchat.commands import limits as bounds

    bounds.show(_config({}).limits, as_json=as_json)


@program.command()
@click.argument("what", type=click.Choice(["show", "restore"]), default="show")
@options(KEEP)
def identity(what: str, as_json: bool, **settings: Any) -> None:
    """Show the keys by which others know this machine and you.

    With restore, take the keys again that were set aside because this data came from another machine, which has no use
    for them any more. Lanchat must not run.
    """
    config = _config(settings)
    from lanchat.commands import identity as keys

    run_work(keys.restore(config, as_json=as_json) if what == "restore" else keys.show(config, as_json=as_json))


@program.command()
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options(KEEP)
def forget(room: str, yes: bool, as_json: bool, **settings: Any) -> None:
    """Delete ROOM and everything said in it from this machine, for good. Other machines keep their copies."""
    config = _config(settings)
    if not yes:
        click.confirm(f"Delete {room} and everything said in it from this machine?", abort=True, err=True)
    from lanchat.commands import forget as forgetting

    run_work(forgetting.forget(config, room, as_json=as_json))


@program.command()
@click.option("--from", "address", default="", metavar="ADDRESS", help="Delete what came from this address.")
@click.option("--person", default="", metavar="ID", help="Delete what the person of this id said.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="Nothing older.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@options(KEEP)
def clear(address: str, person: str, since: Any, dry_run: bool, as_json: bool, **settings: Any) -> None:
    """Delete what an address or a person has left in the rooms of your node: messages, and rooms that only they used.

    Without --from and --person it shows what came from each address since the node began, and how often it was refused
    or cut off. This is kept in memory only; of what came before the last start, only --person finds anything.
    """
    config = _config(settings)
    from lanchat.commands import clear as clearing

    run_work(clearing.clear(config, address, person, since, dry_run=dry_run, as_json=as_json))


@program.command()
@options(FIND)
@click.option("--json", "as_json", is_flag=True, help="Print causes, sentences and remedies as JSON.")
def doctor(wait: float, host: str | None, as_json: bool, **settings: Any) -> None:
    """Say why nobody is found on this network, and what to do about it.

    It asks the node that runs here; without one it looks for itself, for the time of --wait. Exit code 4 when something
    is wrong.
    """
    search = _search(settings, wait, host)
    from lanchat.commands import doctor as diagnosing

    run_work(diagnosing.doctor(search, as_json=as_json))


@program.command()
def selftest() -> None:
    """Start a node of its own, use every part of it, and report what works."""
    from lanchat.selftest import run

    run_work(run())


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
    program.commands.update(COMMANDS)
    try:
        program.main(arguments, prog_name="lanchat")
    except LanchatError as error:
        complain(error.code, str(error), as_json="--json" in arguments)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the user gets a sentence, the log the rest
        complain("error", surprise(error), as_json="--json" in arguments)
        sys.exit(1)


def _config(settings: dict[str, Any]) -> "Config":
    from lanchat.config import load_config

    return load_config(settings)


def _search(settings: dict[str, Any], wait: float, host: str | None) -> "Lookup":
    from lanchat.client import Lookup
    from lanchat.commands import printing

    return Lookup(config=_config(settings), wait=wait, host=host or "", on_stranger=printing.tell_stranger)


def _words(text: str | None) -> str:
    if text is None and sys.stdin.isatty():
        raise click.UsageError("Give TEXT, or - to read standard input.")
    said = sys.stdin.buffer.read() if text is None or text == "-" else text.encode(errors="surrogateescape")
    return said.decode(errors="replace")
