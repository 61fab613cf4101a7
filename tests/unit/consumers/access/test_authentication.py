"""Who connects, on every server: known, unknown, slow to be known, and when asking fails."""

import asyncio

import aiohttp
import pytest

from lanchat.consumers import AsyncHttpConsumer, AsyncWebsocketConsumer
from lanchat.consumers.access.authentication import UNKNOWN, AuthMiddleware, Identity
from lanchat.consumers.access.headers import cookies_of
from lanchat.consumers.scope import Scope
from lanchat.consumers.testing import ApplicationCommunicator
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.listening import first, knock


class Greeter(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send(f"{self.scope['user']} {self.scope['session']}")


class Page(AsyncHttpConsumer):
    async def handle(self, body: bytes) -> None:
        await self.send_response(200, str(self.scope["user"]).encode())


async def by_cookie(scope: Scope) -> Identity | None:
    token = cookies_of(scope).get("token")
    return Identity(token, session=scope["path"]) if token else None


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_who_is_known_is_in_the_scope(serving: Serving) -> None:
    async with serving(AuthMiddleware(Greeter, by_cookie)) as at:
        assert await first(f"ws://{at}/here", Cookie="token=ada") == "ada /here"
        assert await knock(f"ws://{at}/here", Cookie="other=ada") == 403
        assert await knock(f"ws://{at}/here", Cookie="token=ada", Origin="https://evil.example") == 403


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_page_can_be_told_why(serving: Serving) -> None:
    async with serving(AuthMiddleware(Greeter, by_cookie, readable=True)) as at:
        assert await knock(f"ws://{at}/") == UNKNOWN


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_nobody_can_be_let_in(serving: Serving) -> None:
    async with serving(AuthMiddleware(Greeter, by_cookie, anonymous=True)) as at:
        assert await first(f"ws://{at}/") == "None None"


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_requests_are_asked_as_well(serving: Serving) -> None:
    async with serving(AuthMiddleware(Page, by_cookie)) as at, aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/", headers={"Cookie": "token=ada"}) as answer:
            assert (answer.status, await answer.text()) == (200, "ada")
        async with session.get(f"http://{at}/") as answer:
            assert (answer.status, await answer.text()) == (403, "Forbidden\n")


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_who_takes_too_long_to_be_known_is_refused(serving: Serving, caplog: pytest.LogCaptureFixture) -> None:
    async def for_ever(scope: Scope) -> None:
        await asyncio.Event().wait()

    async with serving(AuthMiddleware(Page, for_ever, seconds=0.05)) as at, aiohttp.ClientSession() as session:
        async with session.get(f"http://{at}/") as answer:
            assert answer.status == 503
        assert await knock(f"ws://{at}/") == 403
    assert "was not known within" in caplog.text


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_nobody_comes_in_when_asking_fails(serving: Serving) -> None:
    async def fails(scope: Scope) -> None:
        raise TimeoutError("the database, not us")

    async with serving(AuthMiddleware(Greeter, fails, anonymous=True)) as at:
        assert await knock(f"ws://{at}/") >= 500


async def test_what_is_no_connection_passes() -> None:
    seen = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope["type"])

    await ApplicationCommunicator(AuthMiddleware(app, by_cookie), {"type": "lifespan"}).wait()
    assert seen == ["lifespan"]
