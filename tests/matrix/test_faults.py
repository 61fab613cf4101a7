"""Whatever a method of a user raises, or is cancelled by, ends what it was about on every server, and nothing else."""

import json
import secrets

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.matrix.conftest import Side
from tests.matrix.test_matrix import hear
from tests.support.conditions import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def token() -> str:
    return secrets.token_hex(8)


async def said_once(side: Side, what: str) -> None:
    """Wait until the server has written this, once."""
    await eventually(lambda: what in side.said())
    assert side.said().count(what) == 1


async def still_there(side: Side) -> None:
    """See that the server and its consumers go on."""
    async with connect(side.url("raising-anywhere", "nowhere")) as client:
        await client.send('"hello"')
        assert await hear(client) == '"hello"'


async def closed(client: ClientConnection) -> int:
    """Wait for the end of a connection; gives its close code."""
    with pytest.raises(ConnectionClosed):
        await hear(client)
    assert client.close_code is not None
    return client.close_code


@pytest.mark.parametrize("where", ["websocket_connect", "connect", "accept", "sync_connect", "unborn"])
async def test_before_it_is_accepted_the_connection_is_refused(in_memory: Side, token: str, where: str) -> None:
    kind = {"sync_connect": "raising-sync-anywhere", "unborn": "unborn"}.get(where, "raising-anywhere")
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with connect(in_memory.url(kind, f"{where}.{token}")) as client:
            await hear(client)
    await said_once(in_memory, "Fell: unborn" if where == "unborn" else f"Fell: {where} {token}")
    await still_there(in_memory)


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("receive_json", "1"),
        ("decode_json", "1"),
        ("encode_json", "1"),
        ("send_json", "1"),
        ("receive_other", "no JSON"),
        ("close", '"close"'),
        ("sync_send", "1"),
    ],
)
async def test_in_handling_what_a_client_sent_it_ends_the_connection(
    in_memory: Side, token: str, where: str, sent: str
) -> None:
    kind = "raising-sync-anywhere" if where == "sync_send" else "raising-anywhere"
    async with connect(in_memory.url(kind, f"{where}.{token}")) as client:
        await client.send(sent)
        assert await closed(client) == 1011
    await said_once(in_memory, f"Fell: {where} {token}")


@pytest.mark.parametrize("where", ["websocket_disconnect", "disconnect", "sync_disconnect"])
async def test_at_the_end_it_is_logged(in_memory: Side, token: str, where: str) -> None:
    kind = "raising-sync-anywhere" if where == "sync_disconnect" else "raising-anywhere"
    async with connect(in_memory.url(kind, f"{where}.{token}")):
        pass
    await said_once(in_memory, f"Fell: {where} {token}")
    await still_there(in_memory)


@pytest.mark.parametrize("where", ["event_of_layer", "handler_failed", "cancelled"])
async def test_in_handling_what_the_layer_brought_the_connection_goes_on(
    in_memory: Side, token: str, where: str
) -> None:
    async with connect(in_memory.url("raising-anywhere", f"{where}.{token}")) as client:
        for _ in range(2):
            await client.send('"layer"')
        await client.send(json.dumps(token))
        assert await hear(client) == json.dumps(token)
        said = f"cancelled.{token} met HandlerCancelled" if where == "cancelled" else f"Fell: {where} {token}"
        await eventually(lambda: in_memory.said().count(said) == 2)
        await client.send("1")
        assert await hear(client) == "1"


async def test_a_request_is_answered_with_an_error(in_memory: Side, token: str) -> None:
    # A connection for each: some servers end the one on which something has failed.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        async with session.post(in_memory.request("raising-request"), data=token) as answer:
            assert answer.status == 500
        async with session.post(in_memory.request("raising-request"), data="fine") as answer:
            assert await answer.text() == "fine"
    await said_once(in_memory, f"Fell: handle {token}")


async def test_handlers_that_wait_are_cancelled_when_the_client_leaves(in_memory: Side, token: str) -> None:
    async with connect(in_memory.url("waiting", token)) as watching:
        async with connect(in_memory.url("waiting", token)) as client:
            await client.send("x")
            assert await hear(client) == "waiting"
        await said_once(in_memory, f"the handler of {token} was cancelled")
        await said_once(in_memory, f"{token} has left")
        await watching.send("members")
        assert await hear(watching) == "1"


async def test_a_handler_that_is_cancelled_by_what_it_waits_for_ends_its_connection(
    in_memory: Side, token: str
) -> None:
    async with connect(in_memory.url("waiting", token)) as client:
        await client.send("cancelled")
        assert await hear(client) == "waiting"
        assert await closed(client) == 1011
    await said_once(in_memory, f"{token} has left")
    await still_there(in_memory)
