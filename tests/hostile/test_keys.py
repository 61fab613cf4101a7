"""Keys of the window's app that are wrong, old, used up or somewhere else: each is refused, by every way in."""

import json
from collections.abc import AsyncIterator, Callable

import aiohttp
import msgspec
import pytest

from lanchat.config import Config
from lanchat.protocol import VERSION, Error, Hello
from lanchat.web.server import Server
from lanchat.web.windows import ONCE_LIFE
from tests.support.clients import connected, running, serving
from tests.support.clock import Clock
from tests.unit.web.test_guard import ask, port


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


def once(server: Server) -> str:
    return server.new_window_url().partition("#t=")[2]


async def swapped(server: Server, token: object) -> tuple[int, str]:
    """Return the status for a one-time token, and the bearer or the code of the refusal."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.window_url}token", data=json.dumps({"token": token})) as answer,
    ):
        said = await answer.json()
        return answer.status, said.get("bearer") or said["code"]


async def opens(server: Server, key: str) -> bool:
    """Whether a bearer opens both ways in: a route and a socket."""
    at = port(server.window_url)
    lines = (f"Host: 127.0.0.1:{at}", f"Authorization: Bearer {key}", "Content-Length: 0")
    by_route = (await ask(at, "POST /front HTTP/1.1", *lines)).status == 200
    async with connected(server.window_url) as client:
        await client.tell(Hello(version=VERSION, client="window", token=key))
        by_socket = not isinstance(await client.hear(object), Error)
        if not by_socket:
            assert await client.end() == 4001
    assert by_route == by_socket
    return by_route


WRONG: dict[str, Callable[[str], str]] = {
    "token-missing": lambda key: "",
    "token-short-by-one": lambda key: key[:-1],
    "token-long-by-one": lambda key: f"{key}A",
    "token-in-another-case": lambda key: key.swapcase(),
    "token-with-a-space": lambda key: f"{key[:10]} {key[10:]}",
    "token-guessed": lambda key: "A" * len(key),
    "token-very-long": lambda key: "A" * 4_000,
}


@pytest.mark.parametrize("trick", WRONG)
async def test_a_wrong_key_opens_nothing(server: Server, trick: str) -> None:
    key = running(server.node.config.data_dir).key
    assert await opens(server, key)
    assert not await opens(server, WRONG[trick](key))


async def test_token_replayed(server: Server) -> None:
    token = once(server)
    status, bearer = await swapped(server, token)
    assert (status, await opens(server, bearer)) == (200, True)
    assert await swapped(server, token) == (401, "unauthorised")
    assert await opens(server, bearer)


async def test_token_old(server: Server, clock: Clock) -> None:
    token = once(server)
    clock.advance(ONCE_LIFE + 1)
    assert await swapped(server, token) == (401, "unauthorised")


async def test_token_of_another_run(config: Config) -> None:
    async with serving(config) as server:
        token, key = once(server), running(config.data_dir).key
    async with serving(msgspec.structs.replace(config)) as again:
        assert await swapped(again, token) == (401, "unauthorised")
        assert not await opens(again, key)


async def test_token_once_is_no_bearer(server: Server) -> None:
    token = once(server)
    assert not await opens(server, token)
    assert (await swapped(server, token))[0] == 200


async def test_token_bearer_is_not_swapped(server: Server) -> None:
    assert await swapped(server, running(server.node.config.data_dir).key) == (401, "unauthorised")


@pytest.mark.parametrize("token", [None, 7, True, [], {}, "\x00", "\ud7ff"])
async def test_token_of_another_type(server: Server, token: object) -> None:
    status, code = await swapped(server, token)
    assert (status, code) in {(400, "invalid_frame"), (401, "unauthorised")}


PLACES = {
    "token-in-the-query": ("POST /front?token={key} HTTP/1.1", ""),
    "token-in-the-path": ("POST /{key}/front HTTP/1.1", ""),
    "token-in-a-cookie": ("POST /front HTTP/1.1", "Cookie: token={key}; bearer={key}"),
    "token-as-basic": ("POST /front HTTP/1.1", "Authorization: Basic {key}"),
    "token-without-its-scheme": ("POST /front HTTP/1.1", "Authorization: {key}"),
    "token-of-a-proxy": ("POST /front HTTP/1.1", "Proxy-Authorization: Bearer {key}"),
    "token-in-another-header": ("POST /front HTTP/1.1", "X-Token: {key}"),
    "token-behind-another": ("POST /front HTTP/1.1", "Authorization: Bearer x\r\nAuthorization: Bearer {key}"),
}


@pytest.mark.parametrize("trick", PLACES)
async def test_a_key_somewhere_else_opens_nothing(server: Server, trick: str) -> None:
    at, key = port(server.window_url), running(server.node.config.data_dir).key
    line, header = (text.format(key=key) for text in PLACES[trick])
    headers = [header] if header else []
    answer = await ask(at, line, f"Host: 127.0.0.1:{at}", *headers, "Content-Length: 0")
    assert (answer.status, answer.code) == (401, "unauthorised")


async def test_a_key_makes_nobody_the_owner_at_the_network(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with connected(server.lan_url) as client:
        await client.tell(Hello(version=VERSION, client="window", token=key))
        assert isinstance(await client.hear(object), Error)
    at = port(server.lan_url)
    for path in ("/front", "/jobs/x", "/token"):
        lines = (f"Host: 127.0.0.1:{at}", f"Authorization: Bearer {key}", "Content-Length: 0")
        assert (await ask(at, f"POST {path} HTTP/1.1", *lines)).status == 404
