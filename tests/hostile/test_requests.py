"""What no browser sends, over raw sockets, to both apps: each row is one trick and what becomes of it.

Whatever it is, the answer has our headers, nothing of it is in the log as a traceback, and the app goes on.
"""

import gzip
import logging
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from lanchat.web.guard import SECURITY_HEADERS
from lanchat.web.server import Server
from tests.unit.web.test_guard import Answer, ask, port

FOREIGN = (421, "foreign_host")
ORIGIN = (403, "foreign_origin")
NO_HTTP = (400, "malformed_request")
NO_KEY = (401, "unauthorised")
NOTHING = (404, "")
NOT_SO = (405, "")
PAGE = (200, "")

Said = tuple[int, str]


class Trick(NamedTuple):
    """A request, and its answer at the window's app and at the room's: status and code; `{port}` is the app's."""

    lines: list[str | bytes]
    window: Said
    room: Said
    body: bytes = b""


def _host(value: str | bytes, window: Said, room: Said | None = None) -> Trick:
    line = b"Host: " + value if isinstance(value, bytes) else f"Host: {value}"
    return Trick(["GET / HTTP/1.1", line], window, room or window)


def _origin(value: str, said: Said = ORIGIN, host: str = "127.0.0.1:{port}") -> Trick:
    return Trick(["GET /ws HTTP/1.1", f"Host: {host}", f"Origin: {value}"], said, said)


def _with(*headers: str | bytes, said: Said, line: str = "GET / HTTP/1.1", body: bytes = b"") -> Trick:
    return Trick([line, "Host: 127.0.0.1:{port}", *headers], said, said, body)


def _path(path: str, window: Said, room: Said = NOTHING) -> Trick:
    return Trick([f"GET {path} HTTP/1.1", "Host: 127.0.0.1:{port}"], window, room)


def _method(method: str, window: Said, room: Said, path: str = "/") -> Trick:
    return Trick([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1:{port}", "Content-Length: 0"], window, room)


BOMB = gzip.compress(b"\0" * 10_000_000)

ROWS: dict[str, Trick] = {
    # Names that are not ours, or only look so
    "host-evil": _host("evil.example", FOREIGN),
    "host-evil-with-our-port": _host("evil.example:{port}", FOREIGN),
    "host-ours-as-prefix": _host("127.0.0.1.evil.example", FOREIGN),
    "host-ours-as-suffix": _host("evil-127.0.0.1", FOREIGN),
    "host-below-localhost": _host("evil.localhost", FOREIGN),
    "host-below-localhost-with-port": _host("evil.localhost:{port}", FOREIGN),
    "host-localhost-in-front": _host("localhost.evil.example", FOREIGN),
    "host-localhost-two-dots": _host("localhost..", FOREIGN),
    "host-localhost-dot": _host("localhost.", PAGE),
    "host-dot-localhost": _host(".localhost", FOREIGN),
    "host-upper-case": _host("LOCALHOST:{port}", PAGE),
    "host-full-width": _host("ｌocalhost".encode(), FOREIGN),
    "host-kelvin-sign": _host("lanchat-0000000\u212a.local".encode(), FOREIGN),
    "host-nul-escape": _host("127.0.0.1%00.evil.example", FOREIGN),
    "host-nul-escape-localhost": _host("localhost%00.evil.example", FOREIGN),
    "host-percent-dot": _host("127%2e0%2e0%2e1", FOREIGN),
    "host-nul": _host(b"127.0.0.1\x00.evil.example", NO_HTTP),
    "host-zone": _host("[fe80::1%eth0]", FOREIGN),
    "host-zone-loopback": _host("[::1%evil.example]", FOREIGN),
    "host-zone-escaped": _host("[::1%25lo]", FOREIGN),
    "host-brackets-ipv6": _host("[::1]:{port}", PAGE),
    "host-brackets-open": _host("[::1", FOREIGN),
    "host-brackets-around-a-name": _host("[localhost]", FOREIGN),
    "host-brackets-around-ipv4": _host("[127.0.0.1]", FOREIGN),
    "host-brackets-future": _host("[v1.evil]", FOREIGN),
    "host-no-brackets": _host("::1", FOREIGN),
    "host-unspecified": _host("0.0.0.0:{port}", FOREIGN),
    "host-unspecified-ipv6": _host("[::]", FOREIGN),
    "host-decimal": _host("2130706433", FOREIGN),
    "host-octal": _host("0177.0.0.1", FOREIGN),
    "host-short": _host("127.1", FOREIGN),
    "host-hexadecimal": _host("0x7f000001", FOREIGN),
    "host-port-of-letters": _host("127.0.0.1:http", FOREIGN),
    "host-port-too-high": _host("127.0.0.1:65536", FOREIGN),
    "host-port-negative": _host("127.0.0.1:-1", FOREIGN),
    "host-port-signed": _host("127.0.0.1:+80", FOREIGN),
    "host-port-twice": _host("127.0.0.1:1:2", FOREIGN),
    "host-port-of-another": _host("127.0.0.1:1", PAGE),
    "host-user": _host("x@127.0.0.1", FOREIGN),
    "host-as-user": _host("127.0.0.1@evil.example", FOREIGN),
    "host-path": _host("127.0.0.1/evil.example", FOREIGN),
    "host-query": _host("127.0.0.1?evil.example", FOREIGN),
    "host-fragment": _host("127.0.0.1#evil.example", FOREIGN),
    "host-backslash": _host("127.0.0.1\\evil.example", FOREIGN),
    "host-list": _host("127.0.0.1, evil.example", FOREIGN),
    "host-space": _host("127.0.0.1 evil.example", FOREIGN),
    "host-empty": _host("", FOREIGN),
    "host-no-text": _host(b"\xff\xfe", FOREIGN),
    "host-of-the-network": _host("192.0.2.7:{port}", FOREIGN, PAGE),
    "host-other-local-name": _host("printer.local", FOREIGN),
    "host-our-name-guessed": _host("lanchat-00000000.local", FOREIGN),
    "host-none": Trick(["GET / HTTP/1.1"], NO_HTTP, NO_HTTP),
    "host-none-http-1.0": Trick(["GET / HTTP/1.0"], FOREIGN, FOREIGN),
    "host-twice-evil-last": _with("Host: evil.example", said=NO_HTTP),
    "host-twice-the-same": _with("Host: 127.0.0.1:{port}", said=NO_HTTP),
    "host-twice-evil-first": Trick(["GET / HTTP/1.1", "Host: evil.example", "Host: 127.0.0.1"], NO_HTTP, NO_HTTP),
    "host-forwarded": Trick(["GET / HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: 127.0.0.1"], FOREIGN, FOREIGN),
    "host-forwarded-rfc-7239": Trick(["GET / HTTP/1.1", "Host: evil", "Forwarded: host=127.0.0.1"], FOREIGN, FOREIGN),
    "host-forwarded-does-no-harm": _with("X-Forwarded-Host: evil.example", said=PAGE),
    "host-in-the-request-line": _with(line="GET http://evil.example/ HTTP/1.1", said=FOREIGN),
    "host-in-the-request-line-bad": _with(line="GET http://[::1/ HTTP/1.1", said=NO_HTTP),
    "host-in-the-request-line-port": _with(line="GET http://127.0.0.1:99999/ HTTP/1.1", said=NO_HTTP),
    "host-of-a-proxy": _with(line="CONNECT evil.example:443 HTTP/1.1", said=FOREIGN),
    # Pages of others
    "origin-evil": _origin("http://evil.example"),
    "origin-null": _origin("null"),
    "origin-empty": _origin(""),
    "origin-ours-without-port": _origin("http://127.0.0.1"),
    "origin-other-port": _origin("http://127.0.0.1:1"),
    "origin-ours-as-prefix": _origin("http://127.0.0.1:{port}.evil.example"),
    "origin-ours-as-user": _origin("http://127.0.0.1:{port}@evil.example"),
    "origin-ours-with-more-digits": _origin("http://127.0.0.1:{port}0"),
    "origin-https": _origin("https://127.0.0.1:{port}"),
    "origin-upper-case": _origin("HTTP://127.0.0.1:{port}"),
    "origin-slash": _origin("http://127.0.0.1:{port}/"),
    "origin-other-name-of-ours": _origin("http://localhost:{port}"),
    "origin-below-localhost": _origin("http://evil.localhost:{port}", host="localhost:{port}"),
    "origin-ipv6-for-ipv4": _origin("http://[::1]:{port}"),
    "origin-list": _origin("http://127.0.0.1:{port} http://evil.example"),
    "origin-file": _origin("file://"),
    "origin-extension": _origin("chrome-extension://abcdefghijklmnop"),
    "origin-twice": _with("Origin: http://127.0.0.1:{port}", "Origin: http://127.0.0.1:{port}", said=ORIGIN),
    "origin-rebound": Trick(
        ["GET /ws HTTP/1.1", "Host: rebind.evil.example:{port}", "Origin: http://rebind.evil.example:{port}"],
        FOREIGN,
        FOREIGN,
    ),
    "origin-preflight": _with(
        "Origin: http://evil.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Private-Network: true",
        line="OPTIONS /token HTTP/1.1",
        said=ORIGIN,
    ),
    # Bodies
    "body-gzip-broken": _with(
        "Content-Encoding: gzip", "Content-Length: 5", line="POST /token HTTP/1.1", said=NO_HTTP, body=b"abcde"
    ),
    "body-deflate-broken": _with(
        "Content-Encoding: deflate", "Content-Length: 5", line="POST /token HTTP/1.1", said=NO_HTTP, body=b"abcde"
    ),
    "body-gzip-of-a-get": _with("Content-Encoding: gzip", "Content-Length: 5", said=NO_HTTP, body=b"abcde"),
    "body-gzip-in-chunks": _with(
        "Content-Encoding: gzip",
        "Transfer-Encoding: chunked",
        line="POST /token HTTP/1.1",
        said=NO_HTTP,
        body=b"5\r\nabcde\r\n0\r\n\r\n",
    ),
    "body-brotli": _with("Content-Encoding: br", "Content-Length: 1", said=NO_HTTP, body=b"x"),
    "body-of-an-unknown-coding": _with("Content-Encoding: evil", "Content-Length: 1", said=NO_HTTP, body=b"x"),
    "body-bomb": _with(
        "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}", line="POST /token HTTP/1.1", said=NO_HTTP, body=BOMB
    ),
    "body-bomb-for-an-upload": _with(
        "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}", line="POST /jobs/x HTTP/1.1", said=NO_HTTP, body=BOMB
    ),
    "body-chunk-of-no-size": _with(
        "Transfer-Encoding: chunked", line="POST /token HTTP/1.1", said=NO_HTTP, body=b"ZZ\r\nabcde\r\n0\r\n\r\n"
    ),
    "body-of-two-lengths": _with("Content-Length: 1", "Content-Length: 2", said=NO_HTTP, body=b"ab"),
    "body-of-length-and-chunks": _with(
        "Content-Length: 3", "Transfer-Encoding: chunked", said=NO_HTTP, body=b"0\r\n\r\n"
    ),
    "body-of-no-number": _with("Content-Length: x", said=NO_HTTP),
    "body-of-a-negative-length": _with("Content-Length: -1", said=NO_HTTP),
    "body-expected": _with("Expect: 200-maybe", "Content-Length: 0", said=(417, "")),
    # What is no HTTP
    "http-2": Trick(["PRI * HTTP/2.0"], NO_HTTP, NO_HTTP),
    "http-9.9": _with(line="GET / HTTP/9.9", said=NO_HTTP),
    "http-0.9": Trick(["GET /"], FOREIGN, FOREIGN),
    "http-odd-method": _with(line="G@T / HTTP/1.1", said=NO_HTTP),
    "http-long-path": _with(line=f"GET /{'a' * 10_000} HTTP/1.1", said=NO_HTTP),
    "http-long-header": _with(f"X: {'a' * 10_000}", said=NO_HTTP),
    "http-many-headers": _with(*["X: a"] * 300, said=NO_HTTP),
    "http-header-without-a-name": _with(": x", said=NO_HTTP),
    "http-header-folded": _with("X: a\r\n b", said=NO_HTTP),
    "http-header-with-cr": _with("X: a\rX-Evil: b", said=NO_HTTP),
    "http-header-with-nul": _with(b"X: \x00", said=NO_HTTP),
    "http-header-no-text": _with(b"If-None-Match: \xff\xfe", said=PAGE),
    "http-date-of-nonsense": _with("If-Modified-Since: Foo, 99 Bar 99999999999", said=PAGE),
    "http-range-backwards": _with("Range: bytes=5-1", said=(416, "")),
    "http-range-beyond": _with("Range: bytes=99999999999-", said=(416, "")),
    "http-upgrade-to-what-we-have-not": _with("Connection: Upgrade", "Upgrade: h2c", said=PAGE),
    # Paths
    "path-up": _path("/../../etc/passwd", NO_KEY),
    "path-up-escaped": _path("/%2e%2e/%2e%2e/etc/passwd", NO_KEY),
    "path-up-from-assets": _path("/assets/../../server.py", NOTHING),
    "path-up-from-assets-escaped": _path("/assets/..%2f..%2fserver.py", NOTHING),
    "path-up-from-assets-twice-escaped": _path("/assets/%252e%252e%252fserver.py", NOTHING),
    "path-up-from-assets-backslash": _path("/assets/..%5c..%5cserver.py", NOTHING),
    "path-absolute": _path("/assets/%2fetc%2fpasswd", NOTHING),
    "path-nul-escape": _path("/assets/index.html%00.js", NOTHING),
    "path-nul": Trick([b"GET /\x00 HTTP/1.1", "Host: 127.0.0.1:{port}"], NO_HTTP, NO_HTTP),
    "path-no-text": _path("/%ff%fe", NO_KEY),
    "path-half-an-escape": _path("/%zz%", NO_KEY),
    "path-two-slashes": _path("//evil.example/", NO_KEY),
    "path-drive": _path("/assets/C:%5cwindows%5cwin.ini", NOTHING),
    "path-device": _path("/assets/CON", NOTHING),
    "path-dots-only": _path("/assets/..", NOTHING),
    "path-of-the-owner": _path("/token", NOT_SO),
    "path-around-the-key": _path("/assets/../front", NOTHING),
    "path-around-the-key-escaped": _path("/assets/%2e%2e/front", NOTHING),
    "path-crlf": _path("/assets/x%0d%0aSet-Cookie:%20evil=1", NOTHING),
    "path-socket-of-no-text": _path("/ws/room/%ff", NO_KEY, (400, "")),
    "path-socket-of-the-tutorial": _path("/ws/chat", NO_KEY),
    # Methods
    "method-delete": _method("DELETE", NOT_SO, NOT_SO, "/assets/x"),
    "method-put": _method("PUT", NOT_SO, NOT_SO, "/assets/x"),
    "method-post-on-the-page": _method("POST", NOT_SO, NOT_SO),
    "method-post-on-a-socket": _method("POST", NOT_SO, NOT_SO, "/ws"),
    "method-trace": _method("TRACE", NOT_SO, NOT_SO),
    "method-options": _method("OPTIONS", NOT_SO, NOT_SO),
    "method-get-changes-nothing": _method("GET", NO_KEY, NOTHING, "/front"),
    "method-override": Trick(
        ["GET /token HTTP/1.1", "Host: 127.0.0.1:{port}", "X-HTTP-Method-Override: POST"], NOT_SO, NOTHING
    ),
    # Handshakes
    "socket-without-an-upgrade": _path("/ws", (400, ""), (400, "")),
    "socket-of-another-version": _with(
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 99",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        line="GET /ws HTTP/1.1",
        said=(400, ""),
    ),
    "socket-without-a-key": _with(
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        line="GET /ws HTTP/1.1",
        said=(400, ""),
    ),
    "socket-with-a-key-of-no-text": _with(
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: \xff",
        line="GET /ws HTTP/1.1",
        said=(400, ""),
    ),
}
"""By the name that THREAT_MODEL.md and a failing test call it."""


OPENER = "Cross-Origin-Opener-Policy"


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What a stranger sends is no error of ours."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


BY_TLS = {"origin-https": (400, "")}
"""What is answered otherwise at the room's app over TLS: there this origin is ours, and a handshake is missing."""


async def answered(server: Server, trick: Trick, at: str) -> Answer:
    door = port(server.window_url if at == "window" else server.lan_url)
    there = str(door)
    lines = [
        line.replace("{port}", there) if isinstance(line, str) else line.replace(b"{port}", there.encode())
        for line in trick.lines
    ]
    return await ask(door, *lines, body=trick.body, secure=at == "room by TLS")


async def test_tls_is_no_http_at_the_window(shared_node: Server) -> None:
    """The room app answers by TLS: tests/unit/web/test_entrance.py."""
    answer = await ask(port(shared_node.window_url), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert answer.status == NO_HTTP[0]


@pytest.mark.parametrize("at", ["window", "room", "room by TLS"])
@pytest.mark.parametrize("trick", ROWS)
async def test_a_trick_gets_its_answer(shared_node: Server, trick: str, at: str) -> None:
    row = ROWS[trick]
    status, code = row.window if at == "window" else row.room
    if at == "room by TLS":
        status, code = BY_TLS.get(trick, (status, code))
    answer = await answered(shared_node, row, at)
    assert (answer.status, answer.code if code else "") == (status, code)
    sent = {name: answer.headers.get(name.lower()) for name in SECURITY_HEADERS}
    assert sent.pop(OPENER) in {SECURITY_HEADERS[OPENER], None}  # where it is left out, say the tests of the guard
    assert sent.items() <= SECURITY_HEADERS.items()
    assert not [name for name in answer.headers if name.startswith(("access-control-", "set-cookie"))]
    assert b"root:" not in answer.body
    again = await answered(shared_node, ROWS["host-upper-case"], at)
    assert again.status == 200
