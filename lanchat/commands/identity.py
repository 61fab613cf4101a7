"""`identity`: who this node and its person are, and whether keys were set aside."""

import asyncio

import click
import msgspec

from lanchat.config import Config
from lanchat.identity import Keyring
from lanchat.runtime import occupy


async def show(config: Config, *, as_json: bool) -> None:
    """Print the ids of the node and its person. Raises DataDirUnusable when there are no keys."""
    keyring = await asyncio.to_thread(Keyring.peek, config.data_dir)
    if as_json:
        ids = {"node": keyring.node.id, "fingerprint": keyring.node.fingerprint, "person": keyring.person.id}
        click.echo(msgspec.json.encode(ids | {"former": sorted(keyring.former)}))
        return
    click.echo(f"This machine's key begins with  {short(keyring.node.id)}")
    click.echo(f"The whole of it, as browsers show it:  {grouped(keyring.node.fingerprint)}")
    click.echo(f"Your own key:  {keyring.person.id}")
    for node in sorted(keyring.former):
        click.echo(f"Set aside, because another machine has it:  {short(node)}")


async def renew(config: Config, *, as_json: bool) -> None:
    """Set the keys aside, because another machine uses them, and make new ones.

    Raises:
        AlreadyRunning: Lanchat uses the data directory.
        DataDirUnusable: there are no keys.
    """
    with occupy(config.data_dir):
        await asyncio.to_thread(Keyring.renew, config.data_dir)
    await show(config, as_json=as_json)


async def restore(config: Config, *, as_json: bool) -> None:
    """Take the keys again that were set aside last.

    Raises:
        AlreadyRunning: Lanchat uses the data directory.
        DataDirUnusable: nothing was set aside.
    """
    with occupy(config.data_dir):
        await asyncio.to_thread(Keyring.restore, config.data_dir)
    await show(config, as_json=as_json)


def short(node: str) -> str:
    """Return the beginning of a node's id as two people compare it: four groups of four digits."""
    return " ".join(node[place : place + 4] for place in range(0, 16, 4))


def grouped(fingerprint: str) -> str:
    """Return the SHA-256 of a certificate as browsers show it: pairs of digits."""
    return ":".join(fingerprint[place : place + 2] for place in range(0, len(fingerprint), 2)).upper()
