"""The commands about the door of a room, as they are called; what they do is loaded when they are."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import time as now
from typing import Any

import click

from lanchat.cli.complaints import run_work

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ACTIONS = ("kick", "mute", "unmute", "ban", "unban", "hide", "promote", "demote")
_DATA_DIR = click.option("--data-dir", type=click.Path(path_type=Path), help="Of the node to use on this machine.")


@click.command()
@click.argument("name")
@click.option("--door", type=click.Choice(["open", "passphrase", "invite"]), help="How one comes in.")
@click.option("--listed/--unlisted", default=None, help="Whether the room is announced and in lists.")
@click.option("--guests", type=click.Choice(["on", "off", "read"]), help="What people in a browser may do.")
@click.option("--slow", type=click.IntRange(0, 3600), help="Seconds between two messages of one person; 0: no pause.")
@click.option(
    "--continues",
    type=click.IntRange(0, 86_400),
    help="Seconds without the machines that decide after which one goes on by itself, 10 or more; 0: never.",
)
@click.option("--lock/--unlock", default=None, help="Whether nobody new comes in.")
@click.option("--rename", metavar="NAME", help="Call the room so, for everybody.")
@click.option("--topic", metavar="TEXT", help="What the room is about; empty: nothing is said about it.")
@click.option("--delete", is_flag=True, help="Delete the room for everybody, with all that was said in it.")
@click.option("--yes", is_flag=True, help="Do not ask before --delete.")
@_DATA_DIR
@click.option("--json", "as_json", is_flag=True, help="Print what holds as JSON.")
def room(name: str, as_json: bool, data_dir: Path | None, delete: bool, yes: bool, **changes: Any) -> None:
    """Show what holds in room NAME, or change it.

    With --door passphrase the new passphrase is asked for, or read from standard input. Only the owner deletes a room;
    machines that are away delete their copies when they are back.
    """
    from lanchat.commands import doors
    from lanchat.protocol import Rule

    if delete and any(value is not None for value in changes.values()):
        raise click.UsageError("--delete leaves nothing to be changed; give it alone.")
    if delete:
        if not yes:
            click.confirm(f"Delete {name} and everything said in it for everybody?", abort=True, err=True)
        return _run(lambda config: doors.delete(config, name, as_json=as_json), data_dir)
    rules = {
        "door": lambda value: Rule(change="door", door=value),
        "listed": lambda value: Rule(change="listed", on=value),
        "guests": lambda value: Rule(change="guests", guests=value),
        "slow": lambda value: Rule(change="slow", seconds=value),
        "continues": lambda value: Rule(change="continues", seconds=value),
        "lock": lambda value: Rule(change="locked", on=value),
        "rename": lambda value: Rule(change="name", text=value),
        "topic": lambda value: Rule(change="topic", text=value),
    }
    passphrase = _passphrase() if changes["door"] == "passphrase" else ""
    if passphrase:
        changes["door"] = None  # the node says that rule itself
    wanted = [rules[change](value) for change, value in changes.items() if value is not None]
    return _run(lambda config: doors.room(config, name, wanted, passphrase, as_json=as_json), data_dir)


@click.command()
@click.argument("name")
@click.option("--single/--many", default=True, help="Whether it lets one person in, the default, or everybody.")
@click.option("--for", "time", default="10m", show_default=True, metavar="TIME", help="How long: 90s, 10m, 2h or 7d.")
@click.option("--revoke", default="", metavar="CODE", help="Take the invitation of this code or id back instead.")
@_DATA_DIR
@click.option("--json", "as_json", is_flag=True, help="Print the invitation as JSON.")
def invite(name: str, single: bool, time: str, revoke: str, data_dir: Path | None, as_json: bool) -> None:
    """Make an invitation into room NAME: an address that a browser opens, and the same as a QR code."""
    from lanchat.commands import doors

    seconds = _seconds(time)
    _run(
        lambda config: doors.invite(
            config, name, single=single, seconds=seconds, revoke=revoke.rpartition("&i=")[2], as_json=as_json
        ),
        data_dir,
    )


@click.command()
@click.argument("name")
@click.argument("action", type=click.Choice(_ACTIONS))
@click.argument("person")
@click.option("--address", is_flag=True, help="Ban the address from which the person comes as well.")
@click.option("--since", "time", default="1d", show_default=True, metavar="TIME", help="What hide hides: the last …")
@_DATA_DIR
def moderate(name: str, action: str, person: str, address: bool, time: str, data_dir: Path | None) -> None:
    """Do something about PERSON in room NAME. PERSON is a name or an id.

    kick sends them out, mute lets them read only, ban keeps them out, hide hides what they said; promote makes them a
    moderator.
    """
    from lanchat.commands import doors
    from lanchat.protocol import Rule

    rules = {
        "kick": Rule(change="kick"),
        "mute": Rule(change="mute"),
        "unmute": Rule(change="mute", on=False),
        "ban": Rule(change="ban", address=address),
        "unban": Rule(change="ban", on=False),
        "hide": Rule(change="hide", since=max(0, round(1000 * (now() - _seconds(time))))),
        "promote": Rule(change="moderator"),
        "demote": Rule(change="moderator", on=False),
    }
    _run(lambda config: doors.moderate(config, name, rules[action], person), data_dir)


COMMANDS = (room, invite, moderate)
"""All of them."""


def _passphrase() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("New passphrase", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,7})([smhd])", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no time; it wants a number and a unit, as in 90s, 10m, 2h or 7d.")
    return int(found[1]) * _UNITS[found[2]]


def _run(work: Callable[[Any], Any], data_dir: Path | None) -> None:
    from lanchat.config import load_config

    run_work(work(load_config({"data_dir": data_dir})))
