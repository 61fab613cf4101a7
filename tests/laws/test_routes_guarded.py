"""No route of either app can be reached past the guard, and none of the window's without a key but the public ones."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from lanchat.config import Config
from lanchat.metrics.analytics import uncounted
from lanchat.protocol import VERSION, Hello
from lanchat.protocol.codec import encode
from lanchat.web.apps import room_app, window_app
from lanchat.web.guard import SOCKETS
from lanchat.web.server import Server, serve
from lanchat.web.watch import Watch
from lanchat.web.windows import Keys, SignIns
from tests.laws import sources

PUBLIC = {
    ("GET", "/"),
    ("GET", "/assets/x"),
    ("POST", "/token"),
    ("POST", "/proof"),
    ("GET", "/ws"),
    ("GET", "/metrics"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/stats"),
    ("GET", "/stats/style.css"),
}
"""What the window's app gives without a bearer: the page, what leads to one, a socket whose hello has it, numbers."""
NOWHERE = ("GET", "/there/is/no/such/route")


def routes(app: web.Application) -> set[tuple[str, str]]:
    """Return method and a path of every route, with something in each of its variables."""
    found = set()
    for route in app.router.routes():
        resource = route.resource
        if resource is None:
            continue
        info = resource.get_info()
        path = info.get("path") or info.get("formatter") or f"{info['prefix']}/x"
        while "{" in path:
            before, _, rest = path.partition("{")
            path = f"{before}x{rest.partition('}')[2]}"
        method = "GET" if route.method in {"*", "HEAD"} else route.method
        found.add((method, path))
    return found


async def open_doors(app: web.Application, url: str, *, keyed: bool) -> list[str]:
    """Say which routes answer a foreign host, a foreign origin, or (where a key is wanted) somebody without one.

    Args:
        app: the app whose routes are tried.
        url: where it listens, with a slash at the end.
        keyed: whether everything that is not public wants a bearer.
    """
    wrong = []
    async with aiohttp.ClientSession() as session:
        for method, path in sorted(routes(app) | {NOWHERE}):
            attempts = [("a foreign host", {"Host": "evil.example"}, 421), ("a foreign origin", {"Origin": _EVIL}, 403)]
            attempts.append(("an opaque origin", {"Origin": "null"}, 403))
            if keyed and (method, path) not in PUBLIC:
                attempts.append(("nobody's key", {}, 401))
                attempts.append(("a wrong key", {"Authorization": "Bearer wrong"}, 401))
            for who, headers, status in attempts:
                async with session.request(method, url.rstrip("/") + path, headers=headers) as answer:
                    if answer.status != status:
                        wrong.append(f"{method} {path} answers {who} with {answer.status}")
                    elif set(await answer.json()) != {"code", "message"}:
                        wrong.append(f"{method} {path} refuses {who} without code and message")
    return wrong


_EVIL = "http://evil.example"


@pytest.fixture
async def server(showcase: Config) -> AsyncIterator[Server]:
    async with serve(showcase) as server:
        yield server


def window_routes(server: Server) -> web.Application:
    """The window's app as the server makes it, to be read."""
    return window_app(server.node, Keys(SignIns(None, 0)), dict, str, Watch(uncounted))


async def test_every_route_of_the_window_is_guarded(server: Server) -> None:
    app = window_routes(server)
    assert ("POST", "/front") in routes(app)
    sources.obeyed(await open_doors(app, server.window_url, keyed=True))


async def test_every_route_of_the_room_is_guarded(server: Server) -> None:
    app = room_app(server.node, Watch(uncounted))
    assert ("GET", "/ws/room/x") in routes(app)
    sources.obeyed(await open_doors(app, server.lan_url, keyed=False))


async def test_the_owners_routes_do_not_exist_in_the_room(server: Server) -> None:
    assert {path for _, path in routes(room_app(server.node, Watch(uncounted)))} & {
        "/token",
        "/proof",
        "/windows",
        "/front",
    } == set()


async def test_what_answers_for_itself_is_a_socket(server: Server) -> None:
    """The guard hands these requests on without waiting for what becomes of them."""
    apps = {server.window_url: window_routes(server), server.lan_url: room_app(server.node, Watch(uncounted))}
    async with aiohttp.ClientSession() as session:
        for url, app in apps.items():
            paths = {path for _, path in routes(app) if path.startswith(SOCKETS)}
            assert paths
            for path in paths:
                async with session.get(url.rstrip("/") + path) as answer:
                    assert (answer.status, "WebSocket" in await answer.text()) == (400, True), path


async def test_what_is_public_at_the_window_is_what_this_law_says(server: Server) -> None:
    assert routes(window_routes(server)) >= PUBLIC


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_hello_without_a_key_is_turned_away(server: Server, token: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.window_url}ws") as socket:
        await socket.send_str(_hello(token))
        assert (await asyncio.wait_for(socket.receive_json(), 60))["code"] == "unauthorised"
        assert (await asyncio.wait_for(socket.receive(), 60)).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4001


async def test_a_route_past_the_guard_is_found() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"code": "fine", "message": "Come in."})

    app = web.Application()
    app.router.add_get("/open/{name}", answer)
    app.router.add_post("/open", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        wrong = await open_doors(app, f"http://127.0.0.1:{port}/", keyed=True)
    finally:
        await runner.cleanup()
    assert "GET /open/x answers a foreign host with 200" in wrong
    assert "POST /open answers nobody's key with 200" in wrong
    assert len(wrong) == 3 * 5


def _hello(token: str) -> str:
    return encode(Hello(version=VERSION, client="window", token=token)).decode()
