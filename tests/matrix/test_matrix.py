"""Code written for Channels does on every server and every layer what it does there, and what it should do there."""

import asyncio
import json
import secrets
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.matrix.conftest import Side
from tests.support.conditions import LONG, eventually

pytestmark = pytest.mark.slow


async def hear(client: ClientConnection) -> str:
    async with asyncio.timeout(LONG):
        return str(await client.recv())


@pytest.mark.parametrize("kind", ["tutorial", "async"])
async def test_the_chat_of_the_tutorial(side: Side, kind: str) -> None:
    room = secrets.token_hex(8)
    async with connect(side.url(kind, room)) as ada, connect(side.url(kind, room)) as bob:
        for client in (ada, bob):
            await client.send(json.dumps({"message": "hello"}))
            assert json.loads(await hear(ada)) == json.loads(await hear(bob)) == {"message": "hello"}


@pytest.mark.parametrize(("count", "size"), [(1, 600_000), (1000, 1000)])
async def test_much_reaches_a_client_that_reads(side: Side, count: int, size: int) -> None:
    async with connect(side.url("large"), max_size=None) as client:
        await client.send(json.dumps([count, size]))
        for number in range(count):
            text = await hear(client)
            assert (text.partition(":")[0], len(text)) == (str(number), size)


async def test_a_slow_reader_holds_up_no_fast_one(side: Side) -> None:
    async with AsyncExitStack() as stack:
        room = secrets.token_hex(8)
        fast = await stack.enter_async_context(connect(side.url("flood", room), max_size=None))
        slow = await stack.enter_async_context(connect(side.url("flood", room), max_size=None, max_queue=1))
        assert await hear(fast) == await hear(slow) == "in"
        slow.transport.pause_reading()
        for _ in range(30):
            await fast.send("x" * 10_000)
            assert len(await hear(fast)) == 200_000
        slow.transport.abort()


@pytest.mark.parametrize("where", ["dispatch", "websocket_receive", "receive", "send", "sync", "raw"])
async def test_what_a_method_raises_closes_the_connection_and_is_logged_once(side: Side, where: str) -> None:
    kind = {"sync": "raising-sync", "raw": "raising-raw"}.get(where, "raising")
    token = secrets.token_hex(8)
    async with connect(side.url(kind, where)) as client:
        await client.send(token)
        with pytest.raises(ConnectionClosed):
            await hear(client)
        assert client.close_code == 1011
    raised = f"Fell: {where} {token}"
    await eventually(lambda: raised in side.said())
    assert side.said().count(raised) == 1


@pytest.mark.parametrize("kind", ["with_more", "with_default", "decorated", "threaded"])
async def test_handlers_of_all_kinds_are_found(side: Side, kind: str) -> None:
    async with connect(side.url("handling")) as client:
        await client.send(kind)
        assert await hear(client) == kind


async def test_nothing_is_shadowed(side: Side) -> None:
    async with connect(side.url("shadowing")) as client:
        for name in ("listen", "run", "failed"):
            await client.send(name)
            assert await hear(client) == name


async def test_the_connections_events_are_overridden(side: Side) -> None:
    async with connect(side.url("overriding")) as client:
        await client.send("x")
        assert json.loads(await hear(client)) == ["websocket.connect", "websocket.receive", "x"]
        await client.send(b"12")
        assert json.loads(await hear(client))[-1] == 2


async def test_a_message_that_is_too_large_ends_its_connection_only(side: Side) -> None:
    async with connect(side.url("overriding")) as good, connect(side.url("overriding")) as bad:
        await bad.send("x" * 65_537)
        with pytest.raises(ConnectionClosed):
            await hear(bad)
        assert bad.close_code == (1011 if side.server == "daphne" else 1009)
        await good.send("x" * 65_536)
        assert len(await hear(good)) > 65_536
