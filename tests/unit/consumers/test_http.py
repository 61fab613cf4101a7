"""HTTP consumers, behind aiohttp and as ASGI apps."""

import asyncio

import aiohttp
import pytest

from lanchat.consumers import AsyncHttpConsumer
from lanchat.consumers.testing import ApplicationCommunicator, HttpCommunicator
from lanchat.layers import InMemoryChannelLayer, Message
from tests.support.conditions import eventually
from tests.support.consumers.servers import serving


class Echo(AsyncHttpConsumer):
    max_body = 1000
    ended = 0

    async def handle(self, body: bytes) -> None:
        await self.send_response(200, body, {"Content-Type": "text/plain"})

    async def disconnect(self) -> None:
        type(self).ended += 1


@pytest.mark.parametrize("headers", [{"X-A": "1"}, {b"X-A": b"1"}, [("X-A", "1")], [(b"X-A", b"1")]])
async def test_headers_are_a_dict_or_pairs_of_text_or_bytes(headers: dict[str, str]) -> None:
    class Header(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            await self.send_response(404, b"", headers)

    response = await HttpCommunicator(Header, "GET", "/").get_response()
    assert (response["status"], response["headers"]) == (404, [(b"x-a", b"1")])


async def test_a_body_that_is_too_large_is_refused() -> None:
    async with serving(Echo) as (at, _), aiohttp.ClientSession() as session:
        for size, status in ((1000, 200), (1001, 413), (300_000, 413), (0, 200)):
            async with session.post(f"http://{at}/ws", data=b"x" * size) as answer:
                assert answer.status == status
                assert await answer.read() == (b"x" * size if status == 200 else b"Request Entity Too Large\n")


async def test_a_body_comes_in_parts() -> None:
    communicator = ApplicationCommunicator(Echo, {"type": "http", "method": "POST", "path": "/"})
    await communicator.send_input({"type": "http.request", "body": b"one ", "more_body": True})
    assert await communicator.receive_nothing()
    await communicator.send_input({"type": "http.request", "body": b"two", "more_body": True})
    await communicator.send_input({"type": "http.request"})
    assert (await communicator.receive_output())["status"] == 200
    assert (await communicator.receive_output())["body"] == b"one two"
    await communicator.wait()


async def test_whatever_way_it_ends_the_consumer_is_told() -> None:
    class Clumsy(Echo):
        async def handle(self, body: bytes) -> None:
            raise RuntimeError("fell")

    Clumsy.ended = 0
    with pytest.raises(RuntimeError, match="fell"):
        await HttpCommunicator(Clumsy, "GET", "/").get_response()
    assert Clumsy.ended == 1
    communicator = ApplicationCommunicator(Clumsy, {"type": "http"})
    await communicator.send_input({"type": "http.request", "more_body": True})
    await communicator.send_input({"type": "http.disconnect"})
    await communicator.wait()
    assert Clumsy.ended == 2


async def test_who_answers_nothing_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RuntimeError, match=r"AsyncHttpConsumer\.handle has answered nothing"):
        await HttpCommunicator(AsyncHttpConsumer, "GET", "/").get_response()
    async with (
        serving(AsyncHttpConsumer) as (at, _),
        aiohttp.ClientSession() as session,
        session.get(f"http://{at}/ws") as answer,
    ):
        assert answer.status == 500
    assert "has answered nothing" in caplog.text


async def test_a_body_is_bytes() -> None:
    class Texter(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            with pytest.raises(TypeError, match="A body is bytes, not str"):
                await self.send_response(200, "text")  # type: ignore[arg-type]
            await self.send_body(b"")

    assert (await HttpCommunicator(Texter, "GET", "/").get_response())["body"] == b""


async def test_messages_of_the_layer_come_while_an_answer_is_sent() -> None:
    class Stream(AsyncHttpConsumer):
        async def handle(self, body: bytes) -> None:
            self.over = asyncio.Event()
            assert self.channel_layer is not None
            await self.send_headers(headers={"Content-Type": "text/event-stream"})
            await self.channel_layer.group_add("news", self.channel_name)
            await self.over.wait()

        async def news_item(self, event: Message) -> None:
            await self.send_body(event["text"].encode(), more_body=event["more"])
            if not event["more"]:
                self.over.set()

    async with InMemoryChannelLayer() as layer:
        async with (
            serving(lambda: Stream(layers={"default": layer})) as (at, _),
            aiohttp.ClientSession() as session,
            session.get(f"http://{at}/ws") as answer,
        ):
            await eventually(lambda: layer.groups)
            await layer.group_send("news", {"type": "news.item", "text": "one", "more": True})
            assert await answer.content.readany() == b"one"
            await layer.group_send("news", {"type": "news.item", "text": "two", "more": False})
            assert await answer.content.read() == b"two"
        assert layer.channels == {}


async def test_another_kind_of_connection_is_refused() -> None:
    communicator = ApplicationCommunicator(Echo, {"type": "lifespan"})
    with pytest.raises(ValueError, match="for HTTP requests, not for 'lifespan'"):
        await communicator.wait()
