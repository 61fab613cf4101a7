"""docs/library/starting.md."""

import json
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from websockets.asyncio.client import connect

from tests.docs.tutorial import Tutorial


def serving(book: Tutorial, name: str) -> AbstractAsyncContextManager[str]:
    """Run the app of a file, by aiohttp or by uvicorn."""
    return book.serving(name) if name == "on_aiohttp" else book.serving_asgi(name)


@pytest.mark.parametrize("name", ["on_aiohttp", "on_starlette", "on_fastapi"])
async def test_the_rooms(book: Tutorial, name: str) -> None:
    assert book.module("room").Room
    async with (
        serving(book, name) as at,
        connect(f"ws://{at}/rooms/attic") as ada,
        connect(f"ws://{at}/rooms/attic") as bob,
        connect(f"ws://{at}/rooms/cellar") as eve,
    ):
        await ada.send('"hello"')
        for client in (ada, bob):
            assert json.loads(await client.recv()) == {"said": "hello"}
        await eve.send('"alone"')
        assert json.loads(await eve.recv()) == {"said": "alone"}
        if name == "on_fastapi":
            url = f"http://{at}/rooms/attic/announcements"
            async with aiohttp.ClientSession() as session, session.post(url, params={"text": "Lunch"}) as answer:
                assert await answer.json() == {"announced": "Lunch"}
            assert json.loads(await bob.recv()) == {"said": "Lunch"}
