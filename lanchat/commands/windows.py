"""`windows`."""

from datetime import datetime

import click
import msgspec

from lanchat import client, runtime
from lanchat.commands.printing import visible
from lanchat.config import Config


async def windows(config: Config, sign_out: str, *, everywhere: bool, as_json: bool) -> None:
    """Print which browsers may use the node of this user, or sign some out.

    Args:
        config: `data_dir` names the node.
        sign_out: id of the one to sign out; empty for none.
        everywhere: whether to sign out all of them.
        as_json: whether to print JSON.

    Raises:
        Unreachable: no node of this user runs on this machine.
    """
    node = runtime.running(config.data_dir)
    if sign_out or everywhere:
        count = await client.sign_out(node, sign_out)
        click.echo(msgspec.json.encode({"signed_out": count}) if as_json else f"Signed out: {count}.")
        return
    for window in await client.own_windows(node):
        seen = datetime.fromtimestamp(window.seen / 1000).astimezone()
        line = f"{visible(window.id)}\t{visible(window.name) or 'A browser'}\there last {seen:%Y-%m-%d %H:%M}"
        click.echo(msgspec.json.encode(window) if as_json else line)
