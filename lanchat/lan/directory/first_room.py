"""The room to begin with: what somebody asked for, else `general`, of the network or new."""

import asyncio
import contextlib

from lanchat.errors import LanchatError
from lanchat.lan.directory.directory import Directory
from lanchat.lan.directory.network import Network
from lanchat.rooms import AT_MACHINE, Access, RoomRegistry

LOOK_AROUND = 1.5
"""Seconds that a node looks for rooms on the network at its very first start, before it opens one."""

AGAIN = 1.0
"""Seconds after which a room is opened once more that could not be, because who numbers it was away."""


async def open_first_room(
    rooms: RoomRegistry, network: Network, directory: Directory, access: Access, wanted: str
) -> None:
    """Open a room for a node that has none, or the one that was asked for; as soon as it can be.

    Args:
        rooms: the rooms of this node.
        network: the rooms of others.
        directory: says when those change.
        access: the gate.
        wanted: name of the room that was asked for; empty when none was.
    """
    access.check(AT_MACHINE, "open")
    if wanted and rooms.here(wanted) is None:
        await _look_around(network, directory, wanted)
    if not wanted and len(rooms):
        return
    if not wanted:
        await asyncio.sleep(LOOK_AROUND)
    while True:
        try:
            await (rooms.open(wanted) if wanted else rooms.open_first())
        except LanchatError as error:
            if not error.retry:
                raise
            await asyncio.sleep(AGAIN)
        else:
            return


async def _look_around(network: Network, directory: Directory, name: str) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_AROUND):
            while network.find(name=name) is None:
                await directory.next_change()
