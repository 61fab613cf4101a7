"""The built page is served, only it, and its absence is told in a sentence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from lanchat.web import page
from tests.unit.web.test_guard import Answer, ask


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
    (tmp_path / "outside.txt").write_text("secret")
    return ui


@asynccontextmanager
async def showing(ui: Path) -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes(page.routes(ui))
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
