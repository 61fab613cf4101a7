"""Whole nodes that are linked: a home, a mirror of one of its rooms, and what they have to agree on."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from unittest.mock import patch

from lanchat.config import Config
from lanchat.identity import check_all, shown
from lanchat.journal import Draft, RoomRecord
from lanchat.lan.link.link import Link
from lanchat.protocol import (
    Author,
    Body,
    Event,
    NodeInfo,
    guest_id,
)
from lanchat.rooms import Mirror, Room
from lanchat.web.server import Server
from tests.support.conditions import eventually

EVE = Author(id=guest_id("eve"), nick="Eve")


def config(tmp_path: Path, name: str, port: int = 0) -> Config:
    return Config(bind="127.0.0.1", port=port, window_port=0, data_dir=tmp_path / name, name=name, nick=name.title())


def port(server: Server) -> int:
    return int(server.lan_url.rstrip("/").rpartition(":")[2])


async def mirror(far: Server, home: Server, name: str = "shared", *, at: int = 0, node: NodeInfo | None = None) -> Room:
    """Return `far` a mirror of a room of `home`, as if it had been found on the network.

    Args:
        far: the mirror's node.
        home: the room's home.
        name: of the room.
        at: port at which the home is said to be; its own when 0.
        node: who the home is said to be; itself when None.
    """
    room = await home.node.rooms.open(name)
    address = f"127.0.0.1:{at or port(home)}"
    return await found(far, RoomRecord(id=room.id, name=name, home=node or home.node.info, addresses=(address,)))


async def found(far: Server, record: RoomRecord) -> Room:
    """Let `far` find a room and enter it."""
    with patch.object(far.node.network, "find", lambda **_: record):
        return await far.node.rooms.enter(record.id)


def upstream(room: Room) -> Link:
    assert isinstance(room._role, Mirror)
    assert isinstance(room._role._upstream, Link)
    return room._role._upstream


async def online(room: Room) -> None:
    await eventually(lambda: upstream(room).online, what="the home answers")


async def offline(room: Room) -> None:
    await eventually(lambda: not upstream(room).online, what="the home does not answer")


async def fill(server: Server, room: str, count: int, text: str = "x") -> list[Event]:
    """Have a guest of this node say something in a room of it many times, at once."""
    journal, said = server.node.journal, server.node.owner.seal.said
    drafts = [
        said(Draft(room, f"fill {journal.top(room)} {number} {text[:9]}", EVE, Body(text=text)))
        for number in range(count)
    ]
    return [kept.event for kept in await asyncio.gather(*(journal.append(draft) for draft in drafts))]


async def as_it_leaves(server: Server, room: str) -> list[Event]:
    """What a node keeps of a room, signed."""
    return await server.node.owner.seal.all_leaving(await server.node.journal.after(room, 0, 10_000))


async def same_history(one: Server, two: Server, room: str, top: int) -> list[Event]:
    """Wait until both nodes keep the same events, rightly signed, and give them as people see them."""
    await eventually(lambda: one.node.journal.top(room) == two.node.journal.top(room) == top)
    signed, theirs = [await as_it_leaves(server, room) for server in (one, two)]
    assert signed == theirs
    await check_all(signed)
    events = [shown(event) for event in signed]
    assert [event.seq for event in events] == list(range(1, top + 1))
    assert len({event.nonce for event in events}) == top
    return events


async def waiting(server: Server, room: str, count: int) -> None:
    """Wait until so many drafts wait for the room's home."""

    async def there() -> bool:
        return len(await server.node.journal.outbox(room)) == count

    def check() -> bool | Awaitable[bool]:
        return there()

    await eventually(check)
