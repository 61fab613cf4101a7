"""docs/library/tracing.md."""

from websockets.asyncio.client import connect

from tests.docs.tutorial import Tutorial
from tests.support.conditions import eventually
from tests.support.consumers.spans import Spans, recorded

__all__ = ["recorded"]


async def test_traced_room(book: Tutorial, recorded: Spans) -> None:
    async with book.serving_asgi("traced_room") as at:
        async with connect(f"ws://{at}/") as client:
            await client.send("hello")
            assert await client.recv() == "hello"
        names = {"websocket.connect", "websocket.receive", "websocket.disconnect", "said"}
        await eventually(
            lambda: {f"Room {name}" for name in names} | {"group_send room"} <= {each.name for each in recorded()}
        )
