"""`doctor`."""

import asyncio
import sys

import click
import msgspec

from lanchat import client, runtime
from lanchat.client import Lookup
from lanchat.commands.printing import visible
from lanchat.errors import Unauthorised, Unreachable
from lanchat.protocol import Diagnose, Diagnosis, Finding

TROUBLED = 4
"""Exit code when something is wrong with the network."""


async def doctor(search: Lookup, *, as_json: bool) -> None:
    """Print what is wrong with the network and what to do about it; end with `TROUBLED` when something is.

    Args:
        search: `data_dir` names the node to ask; without one that runs, this program looks for itself.
        as_json: whether to print JSON.
    """
    diagnosis = await _ask_here(search) or await client.diagnose(search)
    if as_json:
        click.echo(msgspec.json.encode({"findings": diagnosis.findings, "tried": diagnosis.tried}))
    else:
        for sentence in diagnosis.tried:
            click.echo(visible(sentence))
        click.echo("\n".join(["", *map(format_finding, diagnosis.findings)]) if diagnosis.findings else _WELL)
    if diagnosis.findings:
        sys.exit(TROUBLED)


def format_finding(finding: Finding) -> str:
    """Return a finding as a person reads it: what is wrong, what to do, and what to type."""
    commands = "".join(f"\n    {visible(command)}" for command in finding.commands)
    return f"{visible(finding.sentence)}\n  {visible(finding.remedy)}{commands}"


_WELL = "\nNothing is wrong with the network, as far as can be seen from here."
_PATIENCE = 20.0


async def _ask_here(search: Lookup) -> Diagnosis | None:
    node = runtime.read(search.config.data_dir)
    if node is None or search.host:
        return None
    try:
        async with client.at_window(node) as connection, asyncio.timeout(_PATIENCE):
            return await connection.ask(Diagnose(), Diagnosis)
    except (Unreachable, Unauthorised, TimeoutError):
        return None
