"""Another machine with a node of its own, and its mirrors of rooms here."""

from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.rooms import Room
from lanchat.web.server import Server


def elsewhere(tmp_path: Path, name: str) -> Config:
    """Return the settings of a node of another machine."""
    return Config(bind="127.0.0.1", port=0, window_port=0, data_dir=tmp_path / name, name=name, nick=name.title())


async def mirror(far: Server, home: Server, room: str) -> Room:
    """Return the mirror of a room at another node, as if it had been found on the network, where a node leads to it."""
    record = home.node.rooms.get(room).record
    port = home.lan_url.rstrip("/").rpartition(":")[2]
    found = RoomRecord(id=room, name=record.name, home=home.node.info, addresses=(f"127.0.0.1:{port}",))
    with patch.object(far.node.network, "find", lambda **_: found):
        return await far.node.rooms.enter(room)


async def move_home(former: Server, home: Server, room: str) -> None:
    """Let another node number a room from now on, and this one mirror it. Without a network they do not vote."""
    there, here = home.node.rooms.get(room), former.node.rooms.get(room)
    if there.kind == "mirror":
        await home.node.rooms.continue_here(there)
    port = home.lan_url.rstrip("/").rpartition(":")[2]
    record = replace(here.record, home=home.node.info, term=there.term, addresses=(f"127.0.0.1:{port}",))
    await former.node.journal.ledgers.follow(record, 0)
    await here.become(record, former.node.rooms._casting.role)
