"""From which web pages a connection may come, on every server, by default and by a list."""

import re

import aiohttp
import pytest

from lanchat.consumers import AsyncHttpConsumer, AsyncWebsocketConsumer
from lanchat.consumers.access.origins import ANY_ORIGIN, SAME_ORIGIN, AllowedOrigins, OriginPattern, OriginValidator
from lanchat.consumers.scope import Scope
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.listening import knock
from tests.support.consumers.servers import serving as natively

FOREIGN = "https://evil.example"


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data)


class Open(Echo):
    allowed_origins = (SAME_ORIGIN, ".example")


class Form(AsyncHttpConsumer):
    async def handle(self, body: bytes) -> None:
        await self.send_response(200, body)


def scope(origin: str | None, host: str = "example.org", **more: object) -> Scope:
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode("latin-1"))] if origin is not None else [])
    return {"type": "websocket", "path": "/", "headers": headers, **more}


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "example.org", True),
        ("https://example.org", "example.org", True),
        ("http://example.org", "example.org", True),
        ("HTTPS://Example.ORG", "example.org.", True),
        ("https://example.org", "example.org:443", True),
        ("http://example.org:8000", "example.org:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://example.org:8000", "example.org:8001", False),
        ("http://example.org", "example.org:443", False),
        ("https://evil.example", "example.org", False),
        ("https://example.org.evil.example", "example.org", False),
        ("https://example.org@evil.example", "evil.example", False),
        ("https://example.org/", "example.org", False),
        ("https://example.org https://evil.example", "example.org", False),
        ("null", "example.org", False),
        ("null", "null", False),
        ("", "", False),
        ("https://", "", False),
        ("\xff\xfe", "example.org", False),
        ("https://" + "a" * 100_000, "example.org", False),
        ("https://example.org:99999999", "example.org", False),
    ],
)
def test_by_default_only_the_same_host_is_let_in(origin: str | None, host: str, allowed: bool) -> None:
    assert AllowedOrigins((SAME_ORIGIN,)).allow(scope(origin, host)) is allowed


@pytest.mark.parametrize(
    ("pattern", "allowed", "refused"),
    [
        ("example.org", ["http://example.org", "https://example.org:8443"], ["https://a.example.org", FOREIGN]),
        (".example.org", ["http://example.org", "https://a.b.example.org:1"], ["https://badexample.org", FOREIGN]),
        ("https://example.org", ["https://example.org", "https://example.org:443"], ["http://example.org", FOREIGN]),
        ("https://example.org:8443", ["https://example.org:8443"], ["https://example.org"]),
        ("https://.example.org", ["https://a.example.org", "https://example.org"], ["http://a.example.org"]),
        (re.compile(r"https://[a-z]+\.example"), ["https://evil.example"], ["https://evil.example:1", "null"]),
        (ANY_ORIGIN, [FOREIGN, "null", "\xff"], []),
        (SAME_ORIGIN, ["https://here"], [FOREIGN]),
    ],
)
def test_a_pattern_means_what_it_says(pattern: OriginPattern, allowed: list[str], refused: list[str]) -> None:
    origins = AllowedOrigins([pattern])
    assert [origin for origin in allowed if not origins.allow(scope(origin, "here"))] == []
    assert [origin for origin in refused if origins.allow(scope(origin, "here"))] == []


def test_two_origins_or_two_hosts_are_no_origin() -> None:
    twice = {"type": "websocket", "headers": [(b"host", b"a"), (b"origin", b"http://a"), (b"origin", b"http://a")]}
    assert not AllowedOrigins((SAME_ORIGIN,)).allow(twice)
    hosts = {"type": "websocket", "headers": [(b"host", b"a"), (b"host", b"b"), (b"origin", b"http://a")]}
    assert not AllowedOrigins((SAME_ORIGIN,)).allow(hosts)


@pytest.mark.parametrize("wrong", ["", "http://", "example.org/x", "two words", "example.org:80", 7, None])
def test_what_is_no_pattern_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"is no pattern of origins; write same-origin"):
        OriginValidator(Echo, [wrong])


def test_one_pattern_is_no_list() -> None:
    with pytest.raises(ValueError, match="are a list"):
        OriginValidator(Echo, "example.org")


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_foreign_page_is_refused_on_every_server(serving: Serving) -> None:
    async with serving(Echo.as_asgi()) as at:
        cookie = "session=secret"
        assert await knock(f"ws://{at}/", Origin=FOREIGN, Cookie=cookie) == 403
        assert await knock(f"ws://{at}/", Origin="null") == 403
        assert await knock(f"ws://{at}/", Origin=f"http://{at}", Cookie=cookie) == 101
        assert await knock(f"ws://{at}/") == 101


async def test_a_foreign_page_is_refused_by_the_adapter() -> None:
    async with natively({"/echo": Echo, "/open": Open, "/form": Form}) as (at, _), aiohttp.ClientSession() as session:
        assert await knock(f"ws://{at}/echo", Origin=FOREIGN) == 403
        assert await knock(f"ws://{at}/echo", Origin=f"http://{at}") == 101
        assert await knock(f"ws://{at}/open", Origin=FOREIGN) == 101
        for method, status in {"POST": 403, "DELETE": 403, "GET": 200}.items():
            async with session.request(method, f"http://{at}/form", headers={"Origin": FOREIGN}) as answer:
                assert answer.status == status


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_a_list_around_a_consumer_counts_and_not_that_of_the_consumer(serving: Serving) -> None:
    async with serving(OriginValidator(Echo, ["evil.example"])) as at:
        assert await knock(f"ws://{at}/", Origin=FOREIGN) == 101
        assert await knock(f"ws://{at}/", Origin=f"http://{at}") == 403
