"""docs/library/streams.md."""

import aiohttp
from websockets.asyncio.client import connect

from lanchat.layers import channel_layers
from tests.docs.tutorial import Tutorial
from tests.support.conditions import eventually


async def test_news(book: Tutorial) -> None:
    async with (
        book.serving_asgi("news") as at,
        aiohttp.ClientSession() as http,
        http.get(f"http://{at}/news", headers={"Last-Event-ID": "1"}) as answer,
    ):
        assert await answer.content.readuntil(b"\n\n") == b":\n\n"
        assert await answer.content.readuntil(b"\n\n") == b"id: 2\ndata: second\n\n"
        layer = channel_layers["default"]
        await eventually(lambda: layer.groups)  # type: ignore[attr-defined]
        await layer.group_send("news", {"type": "news", "line": "third", "number": 3})
        assert await answer.content.readuntil(b"\n\n") == b'event: news\nid: 3\ndata: {"line": "third"}\n\n'


async def test_polled(book: Tutorial) -> None:
    async with book.serving_asgi("polled") as at:
        async with connect(f"ws://{at}/") as client:
            await client.send("hello")
            assert await client.recv() == "You said hello"
        async with aiohttp.ClientSession() as http:
            async with http.post(f"http://{at}/") as answer:
                named = {"X-Session": (await answer.json())["session"]}
            async with http.post(f"http://{at}/", data="hello", headers=named) as answer:
                assert answer.status == 200
            async with http.get(f"http://{at}/?after=0", headers=named) as answer:
                assert await answer.json() == {"messages": [{"id": 1, "text": "You said hello"}], "code": None}
            async with http.delete(f"http://{at}/", headers=named) as answer:
                assert answer.status == 200
