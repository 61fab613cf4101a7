"""Streams of events on every server: messages of the layer, coming back, heartbeats, slow readers, too many."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from lanchat.consumers.scope import AsgiEvent
from lanchat.consumers.streams.event_stream import EventStreamConsumer
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import LONG, eventually
from tests.support.consumers.asgi_servers import SERVERS, Serving

LOG = ["zero", "one", "two"]


class News(EventStreamConsumer):
    heartbeat = 0.05
    left = 0

    async def connect(self) -> None:
        assert self.channel_layer is not None
        await self.channel_layer.group_add("news", self.channel_name)
        seen = int(self.last_event_id or -1)
        for number, line in enumerate(LOG[seen + 1 :], seen + 1):
            await self.send_event(line, id=str(number))

    async def disconnect(self) -> None:
        News.left += 1

    async def news(self, event: Message) -> None:
        await self.send_event({"line": event["line"]}, event="news")

    async def news_over(self, event: Message) -> None:
        await self.close()


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        yield layer
        unregister_channel_layer("default")


@contextlib.asynccontextmanager
async def reading(at: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with asyncio.timeout(LONG), aiohttp.ClientSession() as session:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.get(f"http://{at}/", headers=named) as answer:
            yield answer


async def events(answer: aiohttp.ClientResponse, count: int) -> list[str]:
    """Return the next events, without the comments between them."""
    found: list[str] = []
    while len(found) < count:
        block = (await answer.content.readuntil(b"\n\n")).decode()
        if not block.startswith(":"):
            found.append(block)
    return found


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_page_gets_what_is_new_and_what_it_missed(serving: Serving, layer: InMemoryChannelLayer) -> None:
    left = News.left
    async with serving(News.as_asgi()) as at:
        async with reading(at) as answer, reading(at, Last_Event_ID="1") as again:
            assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            assert answer.headers["Cache-Control"] == "no-store"
            assert await events(answer, 3) == [f"id: {number}\ndata: {line}\n\n" for number, line in enumerate(LOG)]
            assert await events(again, 1) == ["id: 2\ndata: two\n\n"]
            await layer.group_send("news", {"type": "news", "line": "three\n"})
            assert await events(answer, 1) == await events(again, 1) == ['event: news\ndata: {"line": "three\\n"}\n\n']
        await eventually(lambda: News.left == left + 2 and layer.groups == {})


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_silence_is_filled_with_comments(serving: Serving, layer: InMemoryChannelLayer) -> None:
    async with serving(News.as_asgi()) as at, reading(at, Last_Event_ID="2") as answer:
        for _ in range(4):
            assert await answer.content.readuntil(b"\n\n") == b":\n\n"


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_stream_ends_when_the_consumer_wants(serving: Serving, layer: InMemoryChannelLayer) -> None:
    class Short(News):
        lifetime = 0.01

    async with serving(News.as_asgi()) as at, reading(at, Last_Event_ID="2") as answer:
        await eventually(lambda: len(layer.groups.get("news", ())) == 1)
        await layer.group_send("news", {"type": "news.over"})
        assert (await answer.content.read()).strip(b":\n") == b""
    async with serving(Short.as_asgi()) as at, reading(at) as answer:
        assert b"data: two\n\n" in await answer.content.read()
    await eventually(lambda: layer.groups == {})


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_there_are_not_too_many(serving: Serving, layer: InMemoryChannelLayer) -> None:
    class Few(News):
        most_streams = 1

    async with serving(Few.as_asgi()) as at:
        async with reading(at) as first, reading(at) as second:
            assert (first.status, second.status) == (200, 503)
            assert second.headers["Retry-After"] == "5"
        async with asyncio.timeout(LONG):
            while not await _is_let_in(at):
                pass


async def _is_let_in(at: str) -> bool:
    async with reading(at) as answer:
        return answer.status == 200


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_only_get_is_answered_with_a_stream(serving: Serving, layer: InMemoryChannelLayer) -> None:
    async with (
        serving(News.as_asgi()) as at,
        aiohttp.ClientSession() as session,
        session.post(f"http://{at}/", data=b"x" * 200_000) as answer,
    ):
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_reader_who_takes_nothing_is_cut_off_and_holds_up_nobody(
    serving: Serving, layer: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    class Impatient(News):
        patience = 0.2
        heartbeat = 60

        async def news(self, event: Message) -> None:
            await self.send_event("x" * 200_000)

    async with serving(Impatient.as_asgi()) as at, reading(at) as fast:
        host, _, port = at.partition(":")
        _reader, writer = await asyncio.open_connection(host, int(port), limit=1)
        try:
            writer.write(f"GET / HTTP/1.1\r\nHost: {at}\r\n\r\n".encode())
            await eventually(lambda: len(layer.groups.get("news", ())) == 2)
            await events(fast, 3)
            async with asyncio.timeout(LONG):
                while len(layer.groups["news"]) == 2:
                    await layer.group_send("news", {"type": "news"})
                    assert len((await events(fast, 1))[0]) > 200_000
        finally:
            writer.close()
    assert "took nothing for 0.2 s" in caplog.text


async def test_a_stream_that_has_ended_takes_no_more(layer: InMemoryChannelLayer) -> None:
    sent: list[AsgiEvent] = []
    came: asyncio.Queue[AsgiEvent] = asyncio.Queue()

    class Ending(EventStreamConsumer):
        async def connect(self) -> None:
            await self.close()
            await self.close()
            await self.send_event("too late")

    async def send(event: AsgiEvent) -> None:
        sent.append(event)

    came.put_nowait({"type": "http.request", "body": b"", "more_body": True})
    came.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    await Ending()({"type": "http", "method": "GET", "headers": []}, came.get, send)
    assert [event.get("body") for event in sent] == [None, b":\n\n", b""]
