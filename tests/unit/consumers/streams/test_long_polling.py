"""A WebSocket consumer by requests alone, on every server; and whatever else a stranger may ask."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.access import AuthMiddleware, cookies_of
from lanchat.consumers.scope import Scope
from lanchat.consumers.streams.long_polling import LongPolling
from lanchat.layers import InMemoryChannelLayer, Message, register_channel_layer, unregister_channel_layer
from tests.support.conditions import LONG, eventually
from tests.support.consumers.asgi_servers import SERVERS, Serving


class Room(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        if self.scope["path"] == "/closed":
            await self.close()
            return
        assert self.channel_layer is not None
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert self.channel_layer is not None
        if text_data == "bye":
            await self.send("see you", close=4000)
        else:
            await self.channel_layer.group_send("room", {"type": "said", "text": text_data, "bytes": bytes_data})

    async def said(self, event: Message) -> None:
        await self.send(event["text"], event["bytes"])


@pytest.fixture
async def layer() -> AsyncIterator[InMemoryChannelLayer]:
    async with InMemoryChannelLayer() as layer:
        register_channel_layer("default", layer)
        yield layer
        unregister_channel_layer("default")


class Client:
    def __init__(self, http: aiohttp.ClientSession, at: str, name: str = "") -> None:
        self.http, self.at, self.name = http, at, name

    async def ask(self, method: str, query: str = "", data: Any = None, **headers: str) -> tuple[int, Any]:
        named = {"X-Session": self.name} if self.name else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://{self.at}/{query}"
        async with self.http.request(method, url, data=data, headers={**named, **more}) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None

    async def open(self) -> "Client":
        status, answer = await self.ask("POST")
        assert status == 200
        return Client(self.http, self.at, answer["session"])


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_room_by_requests(serving: Serving, layer: InMemoryChannelLayer) -> None:
    async with serving(LongPolling(Room)) as at, aiohttp.ClientSession() as http:
        ada, bob = await Client(http, at).open(), await Client(http, at).open()
        waiting = asyncio.create_task(ada.ask("GET"))
        assert await bob.ask("POST", data="hello") == (200, {})
        assert await waiting == (200, {"messages": [{"id": 1, "text": "hello"}], "code": None})
        await bob.ask("POST", data=b"\xff", Content_Type="application/octet-stream")
        assert await ada.ask("GET", "?after=1") == (200, {"messages": [{"id": 2, "bytes": "/w=="}], "code": None})
        await ada.ask("POST", data="bye")
        last = {"messages": [{"id": 3, "text": "see you"}], "code": 4000}

        async with asyncio.timeout(LONG):
            while (await ada.ask("GET", "?after=2"))[1] != last:
                pass
        assert await ada.ask("GET", "?after=3") == (200, {"messages": [], "code": 4000})
        assert (await ada.ask("GET", "?after=3"))[0] == 404
        assert await bob.ask("DELETE") == (200, {})
        assert (await bob.ask("DELETE"))[0] == 404
        await eventually(lambda: layer.groups == {})


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_whatever_else_is_asked_is_refused(serving: Serving, layer: InMemoryChannelLayer) -> None:
    async with serving(LongPolling(Room, max_body=1000, most_sessions=1)) as at, aiohttp.ClientSession() as http:
        somebody = Client(http, at)
        assert (await somebody.ask("POST", "closed"))[0] == 403
        assert (await somebody.ask("POST", Origin="https://evil.example"))[0] == 403
        ada = await somebody.open()
        assert (await somebody.ask("POST"))[0] == 503
        assert (await somebody.ask("GET"))[0] == 404
        assert (await somebody.ask("PUT"))[0] == 405
        assert (await Client(http, at, "guessed").ask("POST", data="x"))[0] == 404
        assert (await ada.ask("POST", data="x" * 1001))[0] == 413
        assert (await ada.ask("POST", data=b"\xff", Content_Type="text/plain"))[0] == 400
        for after in ("-1", "x", "1e3", "9" * 17, "%D9%A7"):
            assert (await ada.ask("GET", f"?after={after}"))[0] == 400
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"http://{at}/")
        await ada.ask("DELETE")


async def test_a_client_that_does_not_come_any_more_has_left(layer: InMemoryChannelLayer) -> None:
    async with SERVERS["uvicorn"](LongPolling(Room, idle=0.05)) as at, aiohttp.ClientSession() as http:
        ada = await Client(http, at).open()
        await eventually(lambda: layer.groups == {})
        assert (await ada.ask("GET"))[0] == 404


async def test_a_session_is_its_users_only(layer: InMemoryChannelLayer) -> None:
    async def by_cookie(scope: Scope) -> str | None:
        return cookies_of(scope).get("user")

    app = LongPolling(Room)
    async with SERVERS["uvicorn"](AuthMiddleware(app, by_cookie)) as at, aiohttp.ClientSession() as http:
        _, answer = await Client(http, at).ask("POST", Cookie="user=ada")
        stolen = Client(http, at, answer["session"])
        assert (await stolen.ask("POST", data="x", Cookie="user=eve"))[0] == 404
        assert (await stolen.ask("POST", data="x", Cookie="user=ada"))[0] == 200
        await app.close()
        assert layer.groups == {}
