"""docs/library/formats.md."""

from websockets.asyncio.client import connect

from tests.docs.tutorial import Tutorial


async def test_points(book: Tutorial) -> None:
    async with book.serving_asgi("points") as at, connect(f"ws://{at}/") as ada, connect(f"ws://{at}/") as bob:
        await ada.send("1.5 2")
        assert [await client.recv() for client in (ada, bob)] == ["1.5 east, 2.0 north"] * 2
