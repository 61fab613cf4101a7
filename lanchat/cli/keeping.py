"""The commands about what is kept on this machine."""

from pathlib import Path
from typing import Any

import click

from lanchat.cli.complaints import run_work
from lanchat.cli.options import KEEP, config_of, options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(KEEP)
def backup(file: Path, as_json: bool, **settings: Any) -> None:
    """Copy everything that is kept here into FILE, whether Lanchat runs or not. Nothing is overwritten.

    To go back to it, end Lanchat and put FILE in the place of lanchat.db in the data directory.
    """
    config = config_of(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.backup(config, file, as_json=as_json))


@click.command()
@click.argument("room")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["jsonl", "html"]), help="Default: as FILE ends, else jsonl.")
@options(KEEP)
def export(room: str, file: Path | None, form: Any, as_json: bool, **settings: Any) -> None:
    """Write ROOM into FILE, as JSON Lines to be imported again or as a page to be read. Nothing is overwritten.

    Without FILE it goes to the downloads, under a name that says what it is. Ctrl-C ends it, and leaves no file.
    """
    config = config_of(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.export_room(config, room, file, form, as_json=as_json))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--merge", is_flag=True, help="Bring new entries also into a room that has its home here.")
@options(KEEP)
def import_(file: Path, merge: bool, as_json: bool, **settings: Any) -> None:
    """Bring back the room that was exported into FILE. What is here already does not come twice.

    A file can say anything in anybody's name. So what is new for a room that has its home here is brought in only with
    --merge, and never what is dated before that room began, or in the future.

    Ctrl-C ends it; what was imported by then stays, and a second import goes on from there.
    """
    config = config_of(settings)
    from lanchat.commands import archives as keeping

    run_work(keeping.import_room(config, file, merge=merge, as_json=as_json))


@click.command()
@click.argument("room", required=False)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--open", "opened", type=click.Path(path_type=Path), metavar="FILE", help="Join the room that is in FILE."
)
@options(KEEP)
def carry(room: str | None, file: Path | None, opened: Path | None, as_json: bool, **settings: Any) -> None:
    """Write ROOM into FILE, to take it to a machine that no network leads to; with --open, join what FILE brings.

    What was said on either side is there once then, with its authors and its times; what comes behind what is here is
    marked as said apart. A file in which anything was altered is refused. Ctrl-C ends it; opening the file again goes
    on from there.
    """
    if (opened is None) != bool(room and file) or (opened and room):
        raise click.UsageError("Say either: lanchat carry ROOM FILE, or: lanchat carry --open FILE")
    config = config_of(settings)
    from lanchat.commands import archives as keeping

    if opened is not None:
        run_work(keeping.import_room(config, opened, carried=True, as_json=as_json))
    elif room and file:
        run_work(keeping.export_room(config, room, file, "jsonl", as_json=as_json))


@click.command()
@click.argument("what", type=click.Choice(["show", "renew", "restore"]), default="show")
@options(KEEP)
def identity(what: str, as_json: bool, **settings: Any) -> None:
    """Show the keys by which others know this machine and you.

    With renew, begin anew under other keys, because this data is a copy and another machine goes on with these. With
    restore, take the keys again that were set aside, because the other machine has no use for them any more. For both,
    Lanchat must not run.
    """
    config = config_of(settings)
    from lanchat.commands import identity as keys

    work = {"show": keys.show, "renew": keys.renew, "restore": keys.restore}[what]
    run_work(work(config, as_json=as_json))


@click.command()
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options(KEEP)
def forget(room: str, yes: bool, as_json: bool, **settings: Any) -> None:
    """Delete ROOM and everything said in it from this machine, for good. Other machines keep their copies."""
    config = config_of(settings)
    if not yes:
        click.confirm(f"Delete {room} and everything said in it from this machine?", abort=True, err=True)
    from lanchat.commands import rooms as becoming

    run_work(becoming.forget(config, room, as_json=as_json))


@click.command()
@click.option("--from", "address", default="", metavar="ADDRESS", help="Delete what came from this address.")
@click.option("--person", default="", metavar="ID", help="Delete what the person of this id said.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="Nothing older.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@options(KEEP)
def purge(address: str, person: str, since: Any, dry_run: bool, as_json: bool, **settings: Any) -> None:
    """Delete what an address or a person has left in the rooms of your node: messages, and rooms that only they used.

    Without --from and --person it shows what came from each address since the node began, and how often it was refused
    or cut off. This is kept in memory only; of what came before the last start, only --person finds anything.
    """
    config = config_of(settings)
    from lanchat.commands import purge as purging

    run_work(purging.purge(config, address, person, since, dry_run=dry_run, as_json=as_json))


@click.command()
@click.option("--sign-out", default="", metavar="ID", help="Let this one in no more without a new key.")
@click.option("--sign-out-all", "everywhere", is_flag=True, help="Let none of them in any more without a new key.")
@options(KEEP)
def windows(sign_out: str, everywhere: bool, as_json: bool, **settings: Any) -> None:
    """Show which browsers of this machine may open your Lanchat, or sign them out.

    A browser that was let in once may come back, also after Lanchat was started again, until it is signed out or was
    away for 90 days. Who is signed out is at once.
    """
    config = config_of(settings)
    from lanchat.commands import windows as own

    run_work(own.windows(config, sign_out, everywhere=everywhere, as_json=as_json))


@click.command()
@click.argument("room")
@options(KEEP)
def unite(room: str, as_json: bool, **settings: Any) -> None:
    """Make ROOM, which you have opened, one with the room of that name on another machine.

    Everything said in it comes there, once, under its authors and with its times; who is in it moves there, on every
    machine. Lanchat has to run, and neither of the rooms has a door. Of the two, one is the one that goes: if it is the
    other, whoever opened that has to say so.
    """
    config = config_of(settings)
    from lanchat.commands import rooms as becoming

    run_work(becoming.unite(config, room, as_json=as_json))


COMMANDS = (backup, export, import_, carry, identity, forget, purge, unite, windows)
"""All of them."""
