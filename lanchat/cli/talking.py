"""The commands that say something, or show what was said and who can be reached."""

from pathlib import Path
from typing import Any

import click

from lanchat.cli.complaints import run_work
from lanchat.cli.options import FIND, KEEP, config_of, lookup_of, options, words_of


@click.group(invoke_without_command=True)
@options(FIND)
@click.option("--search-subnet", is_flag=True, help="Also ask at each address of this subnet, 1,022 at most.")
@click.option("--json", "as_json", is_flag=True, help="Print one room a line as JSON.")
@click.pass_context
def rooms(
    context: click.Context, /, as_json: bool, search: float, host: str | None, search_subnet: bool, **settings: Any
) -> None:
    """List the rooms on this machine and on the network; with move, let a Redis number one, or this machine again.

    Where the network does not carry what is said to everybody, --search-subnet finds the machines of this subnet that
    listen at the usual port; other firewalls and intrusion detection see it.
    """
    if context.invoked_subcommand is not None:
        return
    lookup = lookup_of(settings, search, host)
    from lanchat.commands import talk as talking

    run_work(talking.rooms(lookup, as_json=as_json, subnet=search_subnet))


@rooms.command()
@click.argument("room")
@click.option("--to", required=True, metavar="URL|here", help="The Redis that this machine shares, or here.")
@options(KEEP)
def move(room: str, to: str, as_json: bool, **settings: Any) -> None:
    """Move ROOM, while people talk in it, from this machine into the Redis that it shares, or out of it again.

    Lanchat has to run, for a Redis with --redis. Everything stays: numbers, history, receipts and people, and nobody
    has to reconnect. Machines that do not share the Redis reach the room through this one. Ctrl-C ends it before the
    last step, and the room stays where it was.
    """
    config = config_of(settings)
    from lanchat.commands import rooms as becoming

    run_work(becoming.move(config, room, to, as_json=as_json))


@click.command()
@click.argument("room")
@click.argument("text", required=False)
@options(FIND)
@click.option("--nick", help="Name to send it under.")
@click.option("--wait", type=click.FloatRange(0), metavar="SECONDS", help="Give the room's home so long to have it.")
@click.option("--nonce", default="", help="What is sent again under the same nonce is there once.")
@click.option("--once", is_flag=True, help="The same TEXT, sent to ROOM again within ten minutes, is there once.")
@click.option("--json", "as_json", is_flag=True, help="Print room, seq and nonce of each message as JSON.")
def send(
    room: str, text: str | None, search: float, host: str | None, as_json: bool, wait: float | None, **settings: Any
) -> None:
    """Send TEXT to ROOM, and return once it is kept.

    With - or without TEXT, standard input is one message; if it is longer than 4000 characters, it becomes several,
    cut at the ends of lines. The room is looked for on this machine's node, then on the network.

    Where the room's home does not answer, this machine's node keeps it, and sends it there later; then it says for
    which machine it waits. With --wait this ends with exit code 8 if it is not there in time.
    """
    from lanchat.client import Saying

    how = Saying(nonce=settings.pop("nonce"), once=settings.pop("once"), wait=wait)
    lookup = lookup_of(settings, search, host)
    from lanchat.commands import talk as talking

    run_work(talking.send(lookup, room, words_of(text), how, as_json=as_json))


@click.command()
@click.argument("text", required=False)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Of the node to use on this machine.")
@click.option("--nick", help="Name to announce it under.")
@click.option("--json", "as_json", is_flag=True, help="Print the announcement as JSON.")
def announce(text: str | None, as_json: bool, **settings: Any) -> None:
    """Announce TEXT to everybody on your node, whatever room they are in.

    With - or without TEXT, standard input is announced. It also reaches everybody in the rooms that have their home on
    your node.
    """
    config = config_of(settings)
    from lanchat.commands import talk as talking

    run_work(talking.announce(config, words_of(text), as_json=as_json))


@click.command()
@click.argument("room")
@options(FIND)
@click.option("--since", type=click.IntRange(0), help="Begin after the event of this number. Default: the last ten.")
@click.option("--no-follow", is_flag=True, help="Print what there is and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one event a line as JSON.")
def tail(
    room: str, search: float, host: str | None, since: int | None, no_follow: bool, as_json: bool, **settings: Any
) -> None:
    """Print the messages of ROOM, and what waits for its home, until Ctrl-C. Goes on when the connection was lost."""
    lookup = lookup_of(settings, search, host)
    from lanchat.commands import tail as tailing

    run_work(tailing.tail(lookup, room, since=since, wait=not no_follow, as_json=as_json))


@click.command()
@options(FIND)
@click.option("--json", "as_json", is_flag=True, help="Print causes, sentences and remedies as JSON.")
def doctor(search: float, host: str | None, as_json: bool, **settings: Any) -> None:
    """Say why nobody is found on this network, and what to do about it.

    It asks the node that runs here; without one it looks for itself, for the time of --search. Exit code 4 when
    something is wrong.
    """
    lookup = lookup_of(settings, search, host)
    from lanchat.commands import doctor as diagnosing

    run_work(diagnosing.doctor(lookup, as_json=as_json))


COMMANDS = (rooms, send, announce, tail, doctor)
"""All of them."""
