"""docs/library/presence.md."""

import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.docs.tutorial import Tutorial


async def hear(client: ClientConnection) -> Any:
    return json.loads(await client.recv())


async def test_people(book: Tutorial) -> None:
    async with (
        book.serving_asgi("people") as at,
        connect(f"ws://{at}/", additional_headers={"Cookie": "name=ada"}) as ada,
        connect(f"ws://{at}/", additional_headers={"Cookie": "name=ada"}),
    ):
        assert sorted([str(await hear(ada)), str(await hear(ada))]) == ["{'here': ['ada']}", "{'joined': 'ada'}"]
        async with connect(f"ws://{at}/", additional_headers={"Cookie": "name=bob"}) as bob:
            assert await hear(bob) == {"here": ["ada", "bob"]}
            assert await hear(ada) == {"joined": "bob"}
        assert await hear(ada) == {"left": "bob"}
