"""A node is killed at each step at which a room moves: then the room is in one place, and whole."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lanchat import client, runtime
from lanchat.config import HERE, redis_place
from lanchat.errors import Unreachable
from lanchat.journal import Draft, Journal, RoomRecord
from lanchat.lan.connection import Connection
from lanchat.protocol import Author, Body, Event, Join, Joined, Open, Opened, Post, RoomInfo, guest_id
from lanchat.rooms import succession
from tests.recovery.node import Node, starting
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer

NAME = "Harbour"
SAID = 450
ADA = Author(id=guest_id("ada"), nick="Ada")
MOVES = "lanchat.lan.shared.moves"
CASTING = "lanchat.rooms.casting:Casting.rehome"
LEDGERS = "lanchat.journal.stores.ledgers:LedgerStore"
CATALOGUE = "lanchat.lan.shared.catalogue:Catalogue"


async def settled(folder: Path, redis: RedisServer, *, shared: bool) -> tuple[Node, RoomRecord]:
    """Return a node of a room in which something was said, before its first start."""
    node = Node(folder / "ann", "ann", redis=redis.url)
    room = succession.found(NAME, node.info, node.person)
    await node.settle(room)
    async with Journal(node.database, ignore) as journal:
        for number in range(SAID):
            await journal.append(Draft(room.id, f"n{number}", ADA, Body(text=str(number))))
        if shared:
            there = RoomRecord(room.id, NAME, succession.SHARED, owner=room.owner, salt=room.salt)
            await journal.ledgers.leave(there)
    return node, room


async def ignore(_room: str, _events: list[Event]) -> None:
    """In place of publishing."""


@contextlib.asynccontextmanager
async def at(node: Node) -> AsyncIterator[Connection]:
    running = runtime.read(node.data_dir)
    assert running is not None
    async with client.at_window(running) as connection:
        yield connection


async def info(node: Node, room: str) -> RoomInfo:
    async with at(node) as connection:
        return (await connection.ask(Open(room=room), Opened)).room


async def move(node: Node, to: str) -> None:
    async with at(node) as connection:
        await client.move_room(connection, NAME, to, lambda _: None)


async def say(node: Node, room: str, nonce: str) -> None:
    """Say something, and wait until it is numbered."""
    async with at(node) as connection:
        await connection.ask(Join(room=room, since=0, limit=1), Joined)
        await connection.send(Post(room=room, nonce=nonce, text=nonce))
        async for reply in connection:
            if isinstance(reply, Event) and reply.nonce == nonce:
                return


async def is_at(node: Node, room: str, place: str) -> bool:
    found = await info(node, room)
    return found.online and (found.kind, found.shared) == (("home", False) if place == HERE else ("mirror", True))


async def killed_at(node: Node, room: str, step: str, to: str) -> None:
    """Begin a move that the node does not outlive, and start it again."""
    node.dies_at = step
    with starting(node):
        await node.ready()

        async def ready() -> Any:
            return await ready_to_move(node, room)

        await eventually(ready, what="it can move")
        with contextlib.suppress(Unreachable):  # the last steps come when the answer is under way
            await move(node, to)
        node.ends()
    node.dies_at = ""


async def ready_to_move(node: Node, room: str) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{node.url}health") as answer:
        health = await answer.json()
    return health["redis"] == "there" and (await info(node, room)).online


async def is_whole(node: Node, room: str, redis: RedisServer, place: str) -> None:
    """The room is there, and nowhere else; it has everything, once, and goes on."""
    await node.ready()

    async def is_there() -> Any:
        return await is_at(node, room, place)

    await eventually(is_there, what=f"the room is at {place}")
    await say(node, room, "afterwards")
    assert (redis.ask("HGET", f"lanchat:{{{room}}}:head", "state") == b"open") == (place != HERE)
    await eventually(lambda: bool(redis.ask("HEXISTS", "lanchat:{rooms}:list", room)) == (place != HERE))
    node.stop()
    entries = [entry for entry in node.journal().entries if entry.room == room]
    assert [(entry.seq, entry.nonce) for entry in entries] == [
        *((number + 1, f"n{number}") for number in range(SAID)),
        (SAID + 1, "afterwards"),
    ]


# Each starts a node twice; what follows closely on another step is left to the long run.
@pytest.mark.parametrize(
    ("step", "there"),
    [
        pytest.param(f"{MOVES}.passage:Passage.begin/after", False, marks=pytest.mark.soak),
        (f"{MOVES}.passage:Passage.bring/after", False),
        (f"{CASTING}/before", False),
        (f"{LEDGERS}.leave/after", True),
        pytest.param(f"{CASTING}/after", True, marks=pytest.mark.soak),
        pytest.param(f"{CATALOGUE}.put/after", True, marks=pytest.mark.soak),
    ],
)
async def test_killed_on_the_way_into_redis(tmp_path: Path, own_server: RedisServer, step: str, there: bool) -> None:
    node, room = await settled(tmp_path, own_server, shared=False)
    to = redis_place(own_server.url)
    await killed_at(node, room.id, step, to)
    with starting(node):
        await is_whole(node, room.id, own_server, to if there else HERE)


@pytest.mark.parametrize(
    ("step", "there"),
    [
        pytest.param(f"{MOVES}.departure:Departure.release/before", True, marks=pytest.mark.soak),
        (f"{MOVES}.departure:Departure.release/after", False),
        (f"{CASTING}/before", False),
        (f"{LEDGERS}.take/after", False),
        pytest.param(f"{CASTING}/after", False, marks=pytest.mark.soak),
        (f"{CATALOGUE}.drop/after", False),
        pytest.param(f"{MOVES}.departure:Departure.empty/after", False, marks=pytest.mark.soak),
    ],
)
async def test_killed_on_the_way_out_of_redis(tmp_path: Path, own_server: RedisServer, step: str, there: bool) -> None:
    node, room = await settled(tmp_path, own_server, shared=True)
    to = redis_place(own_server.url)
    await killed_at(node, room.id, step, HERE)
    with starting(node):
        await is_whole(node, room.id, own_server, to if there else HERE)
    if not there:
        left = f"lanchat:{{{room.id}}}:head".encode()
        await eventually(lambda: own_server.ask("KEYS", f"lanchat:{{{room.id}}}:*") == [left])
