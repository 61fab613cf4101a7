"""The built page is served, only it, as small as the browser takes it, and its absence is told in a sentence."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from lanchat.web import page
from lanchat.web.guard import SECURITY_HEADERS, add_headers
from tests.unit.web.test_guard import Answer, ask

_BROTLI = b"stands for brotli"
JS = "/assets/index-1a2b.js"


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    """A built page, with a secret beside it."""
    ui = tmp_path / "ui"
    (ui / "assets" / "deep").mkdir(parents=True)
    (ui / "index.html").write_text("<!doctype html><p>the page</p>")
    (ui / "assets" / "index-1a2b.js").write_text("let page")
    (ui / "assets" / "index-1a2b.css").write_text("p {}")
    (ui / "assets" / "deep" / "inner.js").write_text("let inner")
    (ui / "beside.txt").write_text("secret")
    for coding in ("br", "gzip"):
        (ui / coding / "assets").mkdir(parents=True)
    # Nobody unpacks the one in brotli here; that the real ones are what they should be is tried in Chromium.
    (ui / "br" / "assets" / "index-1a2b.js").write_bytes(_BROTLI)
    (ui / "gzip" / "assets" / "index-1a2b.js").write_bytes(gzip.compress(b"let page"))
    (ui / "gzip" / "index.html").write_bytes(gzip.compress(b"<!doctype html><p>the page</p>"))
    (tmp_path / "outside.txt").write_text("secret")
    return ui


@asynccontextmanager
async def showing(ui: Path) -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes(page.routes(ui))
    app.on_response_prepare.append(add_headers)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def get(port: int, path: str, *headers: str) -> Answer:
    return await ask(port, f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers)


async def test_the_page_and_its_files_are_served(ui: Path) -> None:
    async with showing(ui) as port:
        answer = await get(port, "/")
        assert (answer.status, answer.body) == (200, b"<!doctype html><p>the page</p>")
        assert answer.headers["content-type"].startswith("text/html")
        answer = await get(port, "/?room=general")
        assert answer.status == 200
        answer = await get(port, "/assets/index-1a2b.js")
        assert (answer.status, answer.body) == (200, b"let page")
        assert "javascript" in answer.headers["content-type"]
        assert (await get(port, "/assets/index-1a2b.css")).headers["content-type"].startswith("text/css")


async def test_what_is_not_part_of_the_page_is_not_served(ui: Path) -> None:
    paths = [
        "/assets/",
        "/assets/none.js",
        "/assets/..",
        "/assets/../beside.txt",
        "/assets/..%2fbeside.txt",
        "/assets/%2e%2e/beside.txt",
        "/assets/%2e%2e%2fbeside.txt",
        "/assets/..%5cbeside.txt",
        "/assets/....//beside.txt",
        "/assets/../../outside.txt",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/index-1a2b.js%00.txt",
        "/assets/deep",
        "/assets/deep/inner.js",
        "/assets/deep%2finner.js",
        "/assets/br",
        "/br/assets/index-1a2b.js",
        "/gzip/index.html",
        "/beside.txt",
        "/index.html",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
    ]
    async with showing(ui) as port:
        answers = {path: await get(port, path) for path in paths}
    assert {path: answer.status for path, answer in answers.items() if answer.status not in {400, 404}} == {}
    assert [path for path, answer in answers.items() if b"secret" in answer.body or b"root:" in answer.body] == []


async def test_a_page_that_nobody_built_is_told_in_a_sentence(tmp_path: Path) -> None:
    async with showing(tmp_path / "nowhere") as port:
        answer = await get(port, "/")
        assert answer.status == 503
        assert b"make page" in answer.body
        assert answer.headers["content-type"].startswith("text/html")
        assert b"style" not in answer.body
        assert b"script" not in answer.body
        assert (await get(port, "/assets/x.js")).status == 404


async def test_a_page_that_did_not_change_is_not_sent_again(ui: Path) -> None:
    async with showing(ui) as port:
        first = await get(port, "/assets/index-1a2b.js")
        again = await get(port, "/assets/index-1a2b.js", f"If-None-Match: {first.headers['etag']}")
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate, zstd", "identity"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0,gzip;q=0", "identity"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0.5, gzip;q=0.5", "br"),
        ("br; q=0.001", "br"),
        ("br;q=0.5, identity", "identity"),
        ("*", "br"),
        ("*;q=0.1, gzip;q=0.2", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0, br", "br"),
        ("*;q=0", None),
        ("identity;q=0, deflate", None),
        ("br;q=nan, gzip;q=1e9, x;q=", "identity"),
        ("br;level=11", "identity"),
        (";;;,,=,q=1", "identity"),
        ("," * 8_000, "identity"),
        ("sober, bring", "identity"),
    ],
)
def test_the_best_coding_that_the_browser_takes(accepted: str | None, coding: str | None) -> None:
    offered = {name: Path(name) for name in ("br", "gzip", "identity")}
    assert page.best_coding(accepted, offered) == coding


async def test_the_page_is_sent_in_the_coding_that_was_built(ui: Path) -> None:
    async with showing(ui) as port:
        codings = ("br", "gzip", "identity", "deflate")
        sent = {coding: await get(port, JS, f"Accept-Encoding: {coding}") for coding in codings}
        index = await get(port, "/", "Accept-Encoding: br, gzip")
    assert sent["br"].body == _BROTLI
    assert gzip.decompress(sent["gzip"].body) == sent["identity"].body == sent["deflate"].body == b"let page"
    assert gzip.decompress(index.body) == b"<!doctype html><p>the page</p>", "there is no smaller one of the index"
    named = [answer.headers.get("content-encoding") for answer in (*sent.values(), index)]
    assert named == ["br", "gzip", None, None, "gzip"]
    for answer in (*sent.values(), index):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    assert len({answer.headers["etag"] for answer in (sent["br"], sent["gzip"], sent["identity"])}) == 3
    assert {answer.headers["content-type"] for answer in sent.values()} == {sent["br"].headers["content-type"]}
    assert "javascript" in sent["br"].headers["content-type"]
    assert index.headers["content-type"].startswith("text/html")


async def test_what_has_its_hash_in_its_name_is_kept_and_the_rest_is_asked_for_again(ui: Path) -> None:
    async with showing(ui) as port:
        kept = await get(port, JS)
        again = await get(port, JS, f"If-None-Match: {kept.headers['etag']}")
        index = await get(port, "/")
        known = await get(port, "/", f"If-None-Match: {index.headers['etag']}")
        lost = await get(port, "/assets/none.js")
        beyond = await get(port, JS, "Range: bytes=900-")
    assert (again.status, known.status, lost.status, beyond.status) == (304, 304, 404, 416)
    assert kept.headers["cache-control"] == again.headers["cache-control"] == page.IMMUTABLE
    assert {answer.headers["cache-control"] for answer in (index, known, lost, beyond)} == {"no-cache"}


async def test_one_coding_is_not_taken_for_another(ui: Path) -> None:
    async with showing(ui) as port:
        small = await get(port, JS, "Accept-Encoding: br")
        other = await get(port, JS, "Accept-Encoding: gzip", f"If-None-Match: {small.headers['etag']}")
    assert other.status == 200


async def test_a_part_is_a_part_of_what_is_sent(ui: Path) -> None:
    async with showing(ui) as port:
        part = await get(port, JS, "Accept-Encoding: br", "Range: bytes=7-9")
        plain = await get(port, JS, "Range: bytes=4-")
    assert (part.status, part.body, part.headers["content-encoding"]) == (206, _BROTLI[7:10], "br")
    assert part.headers["content-range"] == f"bytes 7-9/{len(_BROTLI)}"
    assert (plain.status, plain.body) == (206, b"page")


async def test_a_head_says_what_would_be_sent(ui: Path) -> None:
    async with showing(ui) as port:
        for path in ("/", JS):
            head = await ask(port, f"HEAD {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip")
            whole = await get(port, path, "Accept-Encoding: gzip")
            assert (head.status, head.body) == (200, b"")
            for name in ("content-length", "content-encoding", "etag", "vary", "cache-control"):
                assert head.headers[name] == whole.headers[name]


async def test_who_takes_nothing_that_there_is_gets_nothing(ui: Path) -> None:
    async with showing(ui) as port:
        answer = await get(port, JS, "Accept-Encoding: *;q=0")
        several = await get(port, JS, "Accept-Encoding: br;q=0", "Accept-Encoding: gzip")
    assert (answer.status, answer.headers["vary"]) == (406, "Accept-Encoding")
    assert several.headers["content-encoding"] == "gzip"
