"""Consumers of raw events on aiohttp, WebSocket and HTTP."""

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lanchat.consumers import AsyncConsumer, StopConsumer
from lanchat.layers import Message
from tests.support.consumers.servers import serving


class Raw(AsyncConsumer):
    """The low-level echo of the Channels documentation."""

    async def websocket_connect(self, event: Message) -> None:
        if self.scope["query_string"] == b"no":
            await self.send({"type": "websocket.close", "code": 4003})
        else:
            await self.send({"type": "websocket.accept", "headers": [(b"x-raw", b"yes")], "subprotocol": None})

    async def websocket_receive(self, event: Message) -> None:
        match event:
            case {"text": "bye"}:
                await self.send({"type": "websocket.close", "code": 4000, "reason": "bye"})
            case {"text": "stop"}:
                raise StopConsumer
            case {"text": "nonsense"}:
                await self.send({"type": "websocket.nonsense"})
            case _:
                await self.send({**event, "type": "websocket.send"})

    def websocket_disconnect(self, event: Message) -> None:
        raise StopConsumer

    async def http_request(self, event: Message) -> None:
        if event["more_body"]:
            return
        path = self.scope["path"]
        if path == "/silent":
            raise StopConsumer
        await self.send({"type": "http.response.start", "status": 201, "headers": [(b"x-raw", b"yes")]})
        await self.send({"type": "http.response.body", "body": b"one,", "more_body": True})
        await self.send({"type": "http.response.body", "body": b"two"})
        if path == "/again":
            await self.send({"type": "http.response.body", "body": b"three"})

    def http_disconnect(self, event: Message) -> None:
        raise StopConsumer


async def test_websocket_events_come_and_go() -> None:
    async with serving(Raw) as (at, _), connect(f"ws://{at}/ws") as client:
        assert client.response is not None
        assert client.response.headers["X-Raw"] == "yes"
        for said in ("one", b"two", ""):
            await client.send(said)
            assert await client.recv() == said
        await client.send("bye")
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (4000, "bye")


async def test_a_consumer_that_stops_closes_its_connection() -> None:
    async with serving(Raw) as (at, _), connect(f"ws://{at}/ws") as client:
        await client.send("stop")
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1000


async def test_a_handshake_can_be_refused() -> None:
    async with serving(Raw) as (at, _):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://{at}/ws?no")
        assert caught.value.response.status_code == 403


async def test_an_event_without_a_place_is_an_error_and_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Raw) as (at, _), connect(f"ws://{at}/ws") as client:
        await client.send("nonsense")
        with pytest.raises(ConnectionClosed):
            await client.recv()
    assert "The event 'websocket.nonsense' has no place here." in caplog.text


async def test_http_events_come_and_go() -> None:
    async with serving(Raw, "/{any}") as (at, _), aiohttp.ClientSession() as session:
        async with session.post(f"http://{at}/x", data=b"x" * 300_000) as answer:
            assert (answer.status, answer.headers["X-Raw"], await answer.read()) == (201, "yes", b"one,two")
        async with session.get(f"http://{at}/silent") as answer:
            assert (answer.status, await answer.text()) == (500, "The request was not answered.")


async def test_what_comes_after_the_end_of_an_answer_has_no_place(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Raw, "/{any}") as (at, _), aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/again") as answer:
            assert await answer.read() == b"one,two"
        async with session.get(f"http://{at}/x") as answer:
            assert await answer.read() == b"one,two"
    assert "The event 'http.response.body' has no place here." in caplog.text
