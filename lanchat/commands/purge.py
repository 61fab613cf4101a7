"""`purge`."""

from datetime import datetime

import click
import msgspec

from lanchat import client, runtime
from lanchat.commands.printing import visible
from lanchat.config import Config
from lanchat.protocol import Purge, Purged, Trace


async def purge(
    config: Config, address: str, person: str, since: datetime | None, *, dry_run: bool, as_json: bool
) -> None:
    """Have the node of this user delete what came from an address or a person; without either, print what came.

    Raises:
        Unreachable: no node of this user runs on this machine.
        LanchatError: the node refused.
    """
    after = int(since.astimezone().timestamp() * 1000) if since is not None else 0
    command = Purge(address=address, person=person, since=after, dry_run=dry_run)
    async with client.at_window(runtime.running(config.data_dir)) as connection:
        purged = await connection.ask(command, Purged)
    if as_json:
        click.echo(msgspec.json.encode(purged))
    elif address or person:
        done = "would be deleted" if dry_run else "are deleted"
        click.echo(f"{purged.posts} messages and {purged.rooms} rooms {done}.")
    else:
        for trace in purged.seen:
            click.echo(format_trace(trace))


def format_trace(trace: Trace) -> str:
    """Return what came from an address as one line of a list."""
    since = datetime.fromtimestamp(trace.since / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    return (
        f"{visible(trace.address)}\tsince {since}\t{trace.people} people\t{trace.rooms} rooms\t"
        f"{trace.refused} refused\t{trace.cut_off} cut off\t{trace.turned_away} turned away"
    )
