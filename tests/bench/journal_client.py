"""A client of a node, which enters rooms, speaks in them, and counts what comes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import dial
from lanchat.protocol import VERSION, Event, Hello, Post
from tests.bench.rows import BenchFailed

_IN_FLIGHT = 500


@asynccontextmanager
async def visiting(port: int) -> AsyncIterator[Connection]:
    """Connect to the node that listens on `port`, until the end of the block."""
    async with dial(f"http://127.0.0.1:{port}/", Hello(version=VERSION, client="script", nick="Bench")) as connection:
        yield connection


async def say(connection: Connection, room: str, texts: Iterable[str], name: str) -> int:
    """Say texts in a room that this client has joined, until it has the last as an event; gives that one's seq.

    `name` makes the nonces, so it must be another one each time.
    """
    said = told = 0
    for said, text in enumerate(texts, 1):
        await connection.send(Post(room=room, nonce=f"{name}-{said}", text=text))
        if said - told >= _IN_FLIGHT:
            await reach(connection, room, f"{name}-{said - _IN_FLIGHT // 2}")
            told = said - _IN_FLIGHT // 2
    return await reach(connection, room, f"{name}-{said}")


async def reach(connection: Connection, room: str, nonce: str) -> int:
    """Wait for the event of a nonce; gives its seq."""
    async for notice in connection:
        if isinstance(notice, Event) and notice.room == room and notice.nonce == nonce:
            return notice.seq
    raise BenchFailed("The node hung up.")
