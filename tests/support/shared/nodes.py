"""Nodes that share one Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from lanchat.config import Config
from lanchat.protocol import Event
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer

ROOM = "Harbour"


def sharing(folder: Path, name: str, redis: str, **more: object) -> Config:
    """Return the settings of a node that shares its rooms."""
    settings: dict[str, object] = {"nick": name.title(), "redis": redis, **more}
    return Config(bind="127.0.0.1", port=0, window_port=0, data_dir=folder / name, name=name, **settings)  # type: ignore[arg-type]


@asynccontextmanager
async def company(folder: Path, redis: RedisServer, *names: str, **more: object) -> AsyncIterator[list[Server]]:
    """Run nodes that share a Redis."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(sharing(folder, name, redis.url, **more))) for name in names]


async def shared_room(servers: list[Server], name: str = ROOM) -> list[Room]:
    """Return the mirrors of one room, new or not, at each of some nodes, when all can be written in."""
    first = servers[0].node
    await eventually(lambda: not problem(servers[0]), what="Redis is there")
    room = await first.rooms.open(name)
    await eventually(lambda: all(room.id in server.node.rooms for server in servers), what="every node has the room")
    rooms = [server.node.rooms.get(room.id) for server in servers]
    await eventually(lambda: all(each.info.online for each in rooms), what="every node is at the room")
    return rooms


def problem(server: Server) -> str:
    """Return why a node shares nothing now; empty when all is well."""
    assert server.node.shared is not None
    return server.node.shared.shared.problem


async def said(server: Server, room: Room) -> list[Event]:
    """Return what a node has of a room."""
    return await server.node.journal.after(room.id, 0, 10_000)
