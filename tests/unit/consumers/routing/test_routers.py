"""Routers on every server: arguments, nesting, Django's routes, and what nothing takes."""

from typing import Any

import aiohttp
import pytest
from django.urls import path, re_path

from lanchat.consumers import AsyncHttpConsumer, AsyncWebsocketConsumer
from lanchat.consumers.access.authentication import AuthMiddleware
from lanchat.consumers.routing.paths import route
from lanchat.consumers.routing.routers import ChannelNameRouter, ProtocolTypeRouter, URLRouter
from lanchat.consumers.scope import AsgiEvent, AsgiReceive, AsgiSend, Scope
from lanchat.consumers.testing import ApplicationCommunicator, HttpCommunicator, WebsocketCommunicator
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.listening import first, knock


class Shown(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        found = self.scope["url_route"]
        await self.send(f"{found['args']} {found['kwargs']} {self.scope['path_params'] == found['kwargs']}")


class Page(AsyncHttpConsumer):
    async def handle(self, body: bytes) -> None:
        await self.send_response(200, repr(self.scope["url_route"]["kwargs"]).encode())


async def somebody(scope: Scope) -> str:
    return "ada"


APP = ProtocolTypeRouter(
    {
        "websocket": AuthMiddleware(
            URLRouter(
                [
                    route("/ws/room/{name}", Shown),
                    route("/ws/team/{team}/", URLRouter([route("room/{name}", Shown, {"level": 2})])),
                    route("/ws/team/{team}/{rest:path}", Shown.as_asgi(), name="fallback"),
                    re_path(r"^ws/old/(?P<name>\w+)/$", Shown.as_asgi()),
                    re_path(r"^ws/older/(\w+)/(\w+)/$", Shown.as_asgi()),
                    path("ws/in/<int:number>/", URLRouter([path("<name>", Shown.as_asgi())])),
                ]
            ),
            somebody,
        ),
        "http": URLRouter([route("/page/{name}", Page)]),
    }
)


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_connection_finds_its_consumer(serving: Serving) -> None:
    async with serving(APP) as at:
        for asked, shown in {
            "ws/room/general": "() {'name': 'general'} True",
            "ws/room/K%C3%BCche%20%2B": "() {'name': 'Küche +'} True",
            "ws/team/red/room/x": "() {'team': 'red', 'name': 'x', 'level': 2} True",
            "ws/team/red/hall/x": "() {'team': 'red', 'rest': 'hall/x'} True",
            "ws/old/x/": "() {'name': 'x'} True",
            "ws/older/x/y/": "('x', 'y') {} True",
            "ws/in/7/x": "() {'number': 7, 'name': 'x'} True",
        }.items():
            assert await first(f"ws://{at}/{asked}") == shown
        for asked in ("", "ws/room/", "ws/room/a/b", "ws/in/seven/x", "page/x", "//ws", "%00", "ws/room/%ff/.."):
            assert await knock(f"ws://{at}/{asked}") == 403


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_request_finds_its_consumer(serving: Serving) -> None:
    async with serving(APP) as at, aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/page/x?y=z") as answer:
            assert (answer.status, await answer.text()) == (200, "{'name': 'x'}")
        async with session.get(f"http://{at}/ws/room/x") as answer:
            assert answer.status == 404


async def test_an_app_that_is_mounted_sees_what_is_below() -> None:
    async def shown(**scope: Any) -> Any:
        client = WebsocketCommunicator(URLRouter([route("/room/{name}", Shown)]), "/chat/room/x")
        client.scope.update(scope)
        async with client:
            return (await client.connect())[0]

    assert await shown(root_path="/chat")
    assert await shown(root_path="/chat/")
    assert not await shown(root_path="/cha")
    assert not await shown(root_path="/other")
    assert not await shown()


async def test_what_is_known_further_out_is_kept() -> None:
    client = WebsocketCommunicator(URLRouter([route("/{name}", Shown)]), "/x")
    client.scope["url_route"] = {"args": (1,), "kwargs": {"a": "b"}}
    async with client:
        await client.connect()
        assert await client.receive_from() == "(1,) {'a': 'b', 'name': 'x'} True"


async def test_a_kind_that_nothing_takes_is_refused() -> None:
    assert await WebsocketCommunicator(ProtocolTypeRouter({}), "/").connect() == (False, 1000)
    assert (await HttpCommunicator(ProtocolTypeRouter({}), "GET", "/").get_response())["status"] == 404
    with pytest.raises(ValueError, match="type 'lifespan'"):
        await ApplicationCommunicator(ProtocolTypeRouter({}), {"type": "lifespan"}).wait()


async def test_a_channel_finds_its_app() -> None:
    seen = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope["channel"])

    router = ProtocolTypeRouter({"channel": ChannelNameRouter({"jobs": app})})
    await ApplicationCommunicator(router, {"type": "channel", "channel": "jobs"}).wait()
    assert seen == ["jobs"]
    with pytest.raises(ValueError, match="the channel 'other'"):
        await ApplicationCommunicator(router, {"type": "channel", "channel": "other"}).wait()


def test_a_route_to_nothing_is_refused() -> None:
    with pytest.raises(TypeError, match="An ASGI app or a consumer class"):
        URLRouter([route("/", None)])  # type: ignore[arg-type]


async def test_what_an_app_returns_is_returned() -> None:
    async def app(scope: Scope, receive: AsgiReceive, send: AsgiSend) -> str:
        return f"{scope['type']} is done"

    async def receive() -> AsgiEvent:
        raise AssertionError("nobody asks")

    async def send(event: AsgiEvent) -> None:
        raise AssertionError("nobody answers")

    socket: Scope = {"type": "websocket", "path": "/there", "headers": []}
    for router in (URLRouter([route("/there", app)]), ProtocolTypeRouter({"websocket": app})):
        assert await router(socket, receive, send) == "websocket is done"
    job: Scope = {"type": "channel", "channel": "jobs"}
    assert await ChannelNameRouter({"jobs": app})(job, receive, send) == "channel is done"
