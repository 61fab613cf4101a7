"""The options that several commands have, and what is made of them."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lanchat.client import Lookup
    from lanchat.config import Config

NODE = [
    click.option("--port", type=int, help="TCP port on the network. Default 28280, or the next free one; 0: any."),
    click.option("--window-port", type=int, help="TCP port of the window on 127.0.0.1. Default 28281, likewise."),
    click.option("--bind", help="Use only the interface with this address; 127.0.0.1 keeps Lanchat on this machine."),
    click.option("--data-dir", type=click.Path(path_type=Path), help="Where messages and settings are kept."),
    click.option("--name", help="How others see this machine. Default: its host name."),
    click.option("--nick", help="How others see you. Default: your name in the operating system."),
    click.option("--room", help="Room to open at start."),
    click.option("--keep-days", type=click.IntRange(0), help="Remove what is older. Default: 0, nothing."),
    click.option("--keep-messages", type=click.IntRange(0), help="Keep so many a room. Default: 0, all."),
    click.option("--redis", metavar="URL", help="Share rooms and notifications with other nodes through a Redis."),
    click.option("--redis-prefix", metavar="WORD", help="Begin the names of its keys so. Default: lanchat."),
    click.option("--showcase", is_flag=True, default=None, help="Answer at the sockets of the tutorial as well."),
]
"""Of what runs a node."""
FIND = [
    click.option("--data-dir", type=click.Path(path_type=Path), help="Of the node to use on this machine."),
    click.option("--bind", help="Search only through the interface with this address."),
    click.option("--host", metavar="ADDR:PORT", help="Ask this node, and search nothing."),
    click.option("--search", type=click.FloatRange(0, 600), default=3.0, show_default=True, help="Seconds to search."),
]
"""Of what looks for a room."""
KEEP = [
    click.option("--data-dir", type=click.Path(path_type=Path), help="Where messages and settings are kept."),
    click.option("--json", "as_json", is_flag=True, help="Print what came of it, and the progress, as JSON."),
]
"""Of what keeps something in a file, or brings it back."""


def options(some: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Give a command these options."""
    return lambda command: functools.reduce(lambda inner, option: option(inner), reversed(some), command)


def config_of(settings: dict[str, Any]) -> "Config":
    """Return every setting, with those of the command line. Raises InvalidSetting."""
    from lanchat.config import load_config

    return load_config(settings)


def lookup_of(settings: dict[str, Any], seconds: float, host: str | None) -> "Lookup":
    """Return where to look for a room, for so many seconds on the network, or at one host."""
    from lanchat.client import Lookup
    from lanchat.commands import printing

    return Lookup(config=config_of(settings), wait=seconds, host=host or "", on_stranger=printing.tell_stranger)


def words_of(text: str | None) -> str:
    """Return what is to be said: the argument, or standard input. Raises click.UsageError when there is neither."""
    if text is None and sys.stdin.isatty():
        raise click.UsageError("Give TEXT, or - to read standard input.")
    said = sys.stdin.buffer.read() if text is None or text == "-" else text.encode(errors="surrogateescape")
    return said.decode(errors="replace")
