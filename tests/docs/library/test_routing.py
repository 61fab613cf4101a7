"""docs/library/routing.md."""

import aiohttp

from tests.docs.tutorial import Tutorial
from tests.support.consumers.listening import first, knock


async def visit(at: str) -> None:
    assert await first(f"ws://{at}/ws/team/7/room/x") == "x of team 7"
    assert await knock(f"ws://{at}/ws/team/red/room/x") == 403
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/health") as answer:
            assert await answer.text() == "fine\n"
        async with session.get(f"http://{at}/other") as answer:
            assert answer.status == 404


async def test_by_an_asgi_server(book: Tutorial) -> None:
    async with book.serving_asgi("routed") as at:
        await visit(at)


async def test_by_aiohttp(book: Tutorial) -> None:
    async with book.serving("routed_aiohttp") as at:
        await visit(at)
