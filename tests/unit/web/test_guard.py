"""Whom the guard lets pass: over raw sockets, because no client library says what an attacker says."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.lan.connection import dialling_context
from lanchat.web.guard import SECURITY_HEADERS, host_is_ours
from lanchat.web.server import Server
from tests.support.clients import running, serving


class Answer(msgspec.Struct):
    """What a raw request was answered with."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(msgspec.json.decode(self.body)["code"])


async def ask(port: int, *lines: str | bytes, body: bytes = b"", secure: bool = False) -> Answer:
    """Send a request line and headers as they are, over TLS or not, and read the whole answer."""
    tls = dialling_context() if secure else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    try:
        head = [line if isinstance(line, bytes) else line.encode() for line in (*lines, "Connection: close")]
        writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        data = await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.transport.abort()
    top, _, rest = data.partition(b"\r\n\r\n")
    first, *fields = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return Answer(int(first.split()[1]), headers, rest)


def port(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2])


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


@pytest.fixture(params=["window", "room"])
def door(server: Server, request: pytest.FixtureRequest) -> int:
    """The port of each app in turn."""
    return port(server.window_url if request.param == "window" else server.lan_url)


# Host -----------------------------------------------------------------------------------------------------------------

AT_BOTH = [
    "127.0.0.1",
    "127.0.0.1:{port}",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::1]:80",
]
AT_NEITHER = [
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.evil.example:80",
    "localhost.evil.example",
    "evillocalhost",
    "app.localhost",
    "localhost..",
    "127.0.0.1%00.evil.example",
    "[fe80::1%eth0]:28280",
    "[127.0.0.1%eth0]",
    "evil.example%eth0",
    "x@127.0.0.1",
    "127.0.0.1@evil.example",
    "0.0.0.0",
    "[::]",
    "",
    "127.0.0.1:port",
    "127.0.0.1:99999",
    "127.0.0.1:-1",
    "127.0.0.1/",
    "127.0.0.1?x",
    "127.0.0.1#x",
    "127.0.0.1, evil.example",
    "127.0.0.1 evil.example",
    "[::1",
    "::1",
    "2130706433",
    "0x7f.1",
    "127.1",
    "printer.local",
    "lanchat-00000000.local",
    "127。0。0。1",
]
AT_ROOM_ONLY = ["192.0.2.7", "192.0.2.7:28280", "[2001:db8::1]:28280"]


async def test_our_own_hosts_pass(door: int) -> None:
    hosts = [host.format(port=door) for host in AT_BOTH]
    answers = {host: (await ask(door, "GET /assets/none HTTP/1.1", f"Host: {host}")).status for host in hosts}
    assert answers == dict.fromkeys(hosts, 404)


async def test_foreign_hosts_are_misdirected(door: int) -> None:
    answers = {host: await ask(door, "GET / HTTP/1.1", f"Host: {host}") for host in AT_NEITHER}
    assert {host: answer.status for host, answer in answers.items() if answer.status not in {421, 400}} == {}
    assert {answer.code for answer in answers.values() if answer.status == 421} == {"foreign_host"}


async def test_what_aiohttp_does_not_refuse_itself_is_answered_with_421(door: int) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "0.0.0.0", "127.0.0.1:port", "printer.local"):
        answer = await ask(door, "GET / HTTP/1.1", f"Host: {host}")
        assert (answer.status, answer.code) == (421, "foreign_host")


async def test_addresses_of_the_network_pass_at_the_room_only(server: Server) -> None:
    for host in AT_ROOM_ONLY:
        request = ("GET /assets/none HTTP/1.1", f"Host: {host}")
        assert (await ask(port(server.lan_url), *request)).status == 404
        assert (await ask(port(server.window_url), *request)).status == 421


async def test_the_announced_name_passes_at_the_room_only(server: Server) -> None:
    request = ("GET /assets/none HTTP/1.1", f"Host: lanchat-{server.node.info.id[:8]}.local:28280")
    assert (await ask(port(server.lan_url), *request)).status == 404
    assert (await ask(port(server.window_url), *request)).status == 421


async def test_two_hosts_and_none_are_refused(door: int) -> None:
    answer = await ask(door, "GET / HTTP/1.1", "Host: 127.0.0.1", "Host: evil.example")
    assert answer.status in {400, 421}
    assert (await ask(door, "GET / HTTP/1.1", "Host: 127.0.0.1", "Host: 127.0.0.1")).status in {400, 421}
    assert (await ask(door, "GET / HTTP/1.1")).status in {400, 421}
    assert (await ask(door, "GET / HTTP/1.0")).status in {400, 421}


async def test_no_other_header_says_the_host(door: int) -> None:
    for name in ("X-Forwarded-Host", "Forwarded", "X-Host"):
        value = "host=127.0.0.1" if name == "Forwarded" else "127.0.0.1"
        assert (await ask(door, "GET / HTTP/1.1", "Host: evil.example", f"{name}: {value}")).status == 421
    assert (await ask(door, "GET http://127.0.0.1/ HTTP/1.1", "Host: evil.example")).status in {400, 421}


async def test_a_host_that_is_no_text_is_refused(door: int) -> None:
    assert (await ask(door, "GET / HTTP/1.1", b"Host: \xff\xfe")).status in {400, 421}


def test_the_rule_itself() -> None:
    own = {"lanchat-0123abcd.local"}
    assert host_is_ours("lanchat-0123abcd.local", loopback=False, own_names=own)
    assert host_is_ours("LANCHAT-0123ABCD.local.:80", loopback=False, own_names=own)
    assert not host_is_ours("lanchat-0123abcd.local", loopback=True, own_names=own)
    assert not host_is_ours("x.lanchat-0123abcd.local", loopback=False, own_names=own)
    assert host_is_ours("127.8.9.1", loopback=True)
    assert not host_is_ours("192.0.2.1", loopback=True)
    assert host_is_ours("[::ffff:127.0.0.1]", loopback=False)


# Origin ---------------------------------------------------------------------------------------------------------------


FOREIGN = [
    "http://evil.example",
    "null",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}@evil.example",
    "https://127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "file://",
    "",
    "http://127.0.0.1:{port}, http://127.0.0.1:{port}",
]
_UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)


@pytest.mark.parametrize("path", ["/", "/ws", "/nowhere"])
async def test_foreign_origins_are_refused(door: int, path: str) -> None:
    for origin in FOREIGN:
        said = f"Origin: {origin.format(port=door)}"
        answer = await ask(door, f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{door}", said, *_UPGRADE)
        assert (origin, answer.status, answer.code) == (origin, 403, "foreign_origin")


async def test_two_origins_are_refused(door: int) -> None:
    mine = f"Origin: http://127.0.0.1:{door}"
    answer = await ask(door, "GET / HTTP/1.1", f"Host: 127.0.0.1:{door}", mine, mine)
    assert (answer.status, answer.code) == (403, "foreign_origin")


async def test_our_own_origin_and_none_pass(door: int) -> None:
    for host in (f"127.0.0.1:{door}", f"localhost:{door}", f"[::1]:{door}", "localhost"):
        assert (await ask(door, "GET /assets/none HTTP/1.1", f"Host: {host}")).status == 404
        assert (await ask(door, "GET /assets/none HTTP/1.1", f"Host: {host}", f"Origin: http://{host}")).status == 404


# Keys -----------------------------------------------------------------------------------------------------------------


async def test_what_is_not_public_wants_a_key(server: Server) -> None:
    at, key = port(server.window_url), running(server.node.config.data_dir).key
    headers = [f"Host: 127.0.0.1:{at}", "Content-Length: 0"]
    wrong = ["", "Bearer", "Bearer wrong", f"Basic {key}", key, f"Bearer {key}x", f"Bearer, {key}", "Bearer é"]
    for first in ("POST /front", "GET /front", "GET /nowhere", "GET /tokens", "GET /assets", "DELETE /front"):
        for given in wrong:
            answer = await ask(at, f"{first} HTTP/1.1", *headers, f"Authorization: {given}")
            assert (given, answer.status, answer.code) == (given, 401, "unauthorised")
        assert (await ask(at, f"{first} HTTP/1.1", *headers)).status == 401


async def test_a_key_that_is_no_text_is_wrong_like_any_other(server: Server) -> None:
    at = port(server.window_url)
    for given in (b"Authorization: Bearer \xff\xfe", b"Authorization: \xff \xff"):
        answer = await ask(at, "POST /front HTTP/1.1", f"Host: 127.0.0.1:{at}", given, "Content-Length: 0")
        assert (answer.status, answer.code) == (401, "unauthorised")


async def test_the_key_opens(server: Server) -> None:
    at, key = port(server.window_url), running(server.node.config.data_dir).key
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = (f"Host: 127.0.0.1:{at}", f"Authorization: {scheme} {key}", "Content-Length: 0")
        assert (await ask(at, "POST /front HTTP/1.1", *headers)).status == 200


async def test_no_way_of_writing_a_path_gets_around_the_key(server: Server) -> None:
    at = port(server.window_url)
    for path in ("/assets/../front", "/assets/%2e%2e/front", "//front", "/./front", "/front/", "/assets//../front"):
        answer = await ask(at, f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{at}", "Content-Length: 0")
        assert answer.status in {401, 404, 405}


# Headers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("GET /", (), {200, 503}),
        ("GET /assets/none", (), {404}),
        ("POST /", (), {405, 401}),
        ("GET /ws", (), {400}),
        ("PUT /assets/none", (), {405}),
        ("GET /", ("Origin: null",), {403}),
    ],
)
async def test_every_answer_has_the_security_headers(
    door: int, request_line: str, headers: tuple[str, ...], status: set[int]
) -> None:
    answer = await ask(door, f"{request_line} HTTP/1.1", f"Host: 127.0.0.1:{door}", *headers)
    assert answer.status in status
    sent = {name: answer.headers.get(name.lower()) for name in SECURITY_HEADERS}
    assert sent == SECURITY_HEADERS
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "set-cookie" not in answer.headers


async def test_a_misdirected_answer_and_a_large_body_have_them_too(door: int) -> None:
    answer = await ask(door, "GET / HTTP/1.1", "Host: evil.example")
    sent = {name: answer.headers.get(name.lower()) for name in SECURITY_HEADERS}
    assert sent == SECURITY_HEADERS | {"Cross-Origin-Opener-Policy": None}


async def test_a_guest_in_the_clear_is_sent_no_header_that_their_browser_complains_of(door: int) -> None:
    answer = await ask(door, "GET / HTTP/1.1", "Host: 192.0.2.5")
    assert "cross-origin-opener-policy" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_preflight_allows_nothing(door: int) -> None:
    host = f"127.0.0.1:{door}"
    asked = ("Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: true")
    answer = await ask(door, "OPTIONS / HTTP/1.1", f"Host: {host}", "Origin: http://evil.example", *asked)
    assert answer.status == 403
    answer = await ask(door, "OPTIONS / HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", *asked)
    assert answer.status in {405, 401}
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_name_counts_only_where_it_was_set(config: Config, tmp_path: Path) -> None:
    named = msgspec.structs.replace(
        config, data_dir=tmp_path / "named", hosts="chat.example.org, other.example.org", proxies="127.0.0.1"
    )
    async with serving(named) as node:
        place = port(node.lan_url)
        for host in ("chat.example.org", "CHAT.example.org:80", "other.example.org"):
            assert (await ask(place, "GET / HTTP/1.1", f"Host: {host}")).status == 200
        for host in ("example.org", "evil.chat.example.org", "chat.example.org.evil.example"):
            assert (await ask(place, "GET / HTTP/1.1", f"Host: {host}")).status == 421
        secure = ("Host: chat.example.org", "Origin: https://chat.example.org")
        assert (await ask(place, "GET / HTTP/1.1", *secure)).status == 403
        assert (await ask(place, "GET / HTTP/1.1", *secure, "X-Forwarded-Proto: https")).status == 200
        assert (await ask(port(node.window_url), "GET / HTTP/1.1", "Host: chat.example.org")).status == 421
