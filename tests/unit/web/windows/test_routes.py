"""How a browser comes in and comes back, who may ask about it, and that a sign-out is felt at once."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.protocol import VERSION, Hello, Welcome
from lanchat.web.server import Server
from lanchat.web.windows.routes import browser_name
from tests.support.clients import connected, serving

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36"


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"User-Agent": CHROME}) as session:
        yield session


async def ask(
    http: aiohttp.ClientSession, server: Server, method: str, path: str, *, key: str = "", **body: object
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    data = json.dumps(body) if method == "POST" else None
    async with http.request(method, server.window_url + path, data=data, headers=headers) as answer:
        return answer.status, await answer.json()


async def come_in(http: aiohttp.ClientSession, server: Server) -> str:
    once = server.new_window_url().partition("#t=")[2]
    status, said = await ask(http, server, "POST", "token", token=once, keep=True)
    assert status == 200
    return str(said["bearer"])


async def test_a_browser_comes_back_without_a_token(http: aiohttp.ClientSession, server: Server) -> None:
    bearer = await come_in(http, server)
    assert await ask(http, server, "POST", "token", token="", bearer=bearer) == (200, {"bearer": bearer})
    assert (await ask(http, server, "POST", "token", token="", bearer=f"{bearer}x"))[0] == 401


async def test_the_list_says_which_browser_and_nothing_that_opens(http: aiohttp.ClientSession, server: Server) -> None:
    bearer, other = await come_in(http, server), await come_in(http, server)
    status, windows = await ask(http, server, "GET", "windows", key=bearer)
    assert status == 200
    assert sorted(window["this"] for window in windows) == [False, True]
    assert {(window["name"], window["kept"]) for window in windows} == {("Chrome on Linux", True)}
    for key in (bearer, other):
        digest = hashlib.sha256(key.encode()).digest()
        assert not {key, digest.hex()} & set(json.dumps(windows).split('"'))


async def test_who_is_signed_out_is_closed_at_once_and_others_stay(http: aiohttp.ClientSession, server: Server) -> None:
    bearer, other = await come_in(http, server), await come_in(http, server)
    async with connected(server.window_url) as here, connected(server.window_url) as there:
        for client, key in ((here, bearer), (there, other)):
            client.welcome = await client.ask(Hello(version=VERSION, client="window", token=key), Welcome)
        windows = (await ask(http, server, "GET", "windows", key=bearer))[1]
        mine = next(window["id"] for window in windows if window["this"])
        assert await ask(http, server, "DELETE", f"windows/{mine}", key=bearer) == (200, {"signed_out": 1})
        assert await here.end() == 4001
        assert (await ask(http, server, "GET", "windows", key=bearer))[0] == 401
        assert await ask(http, server, "DELETE", "windows", key=other) == (200, {"signed_out": 1})
        assert await there.end() == 4001


async def test_the_proof_is_for_a_browser_that_is_known(http: aiohttp.ClientSession, server: Server) -> None:
    bearer = await come_in(http, server)
    (window,) = (await ask(http, server, "GET", "windows", key=bearer))[1]
    nonce = "0123456789abcdef" * 2
    status, said = await ask(http, server, "POST", "proof", id=window["id"], nonce=nonce)
    assert (status, set(said)) == (200, {"proof"})
    assert await ask(http, server, "POST", "proof", id=window["id"], nonce="f" * 32) != (200, said)
    assert (await ask(http, server, "POST", "proof", id="0" * 16, nonce=nonce))[0] == 401


@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": "x", "nonce": "0" * 33}, {"id": "x", "nonce": "é" * 32}])
async def test_a_question_of_another_form_is_refused(
    http: aiohttp.ClientSession, server: Server, body: dict[str, str]
) -> None:
    async with http.post(f"{server.window_url}proof", data=json.dumps(body)) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "invalid_frame")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/19.0 Safari/605", "Safari on macOS"),
        (CHROME.replace("Chrome", "QtWebEngine/6.10 Chrome"), "Lanchat's window on Linux"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_for_a_person(agent: str, name: str) -> None:
    assert browser_name(agent) == name
