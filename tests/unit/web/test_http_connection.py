"""How a connection refuses what is no HTTP, and what it writes into the log."""

import logging
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from lanchat.limits import Turnstile
from lanchat.web.entrance import Entrance
from lanchat.web.guard import SECURITY_HEADERS
from lanchat.web.sockets import listen, port_of
from tests.unit.web.test_guard import Answer, ask

Handler = Callable[[web.Request], "web.StreamResponse"]


async def read(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def fail(request: web.Request) -> web.Response:
    raise RuntimeError("Ours")


@pytest.fixture
async def door() -> AsyncIterator[int]:
    """The port of an app without any middleware."""
    app = web.Application()
    app.router.add_post("/read", read)
    app.router.add_post("/fail", fail)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    sockets = listen("127.0.0.1", 0, 0)
    try:
        await Entrance(runner, sockets[0], Turnstile(10, 10)).start()
        yield port_of(sockets)
    finally:
        await runner.cleanup()


def safe(answer: Answer) -> bool:
    return {name: answer.headers.get(name.lower()) for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_what_is_no_http_is_refused_with_our_headers_and_one_line(
    door: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "aiohttp.server"):
        answer = await ask(door, "POST /read HTTP/1.1", "Host: x", "Content-Length: <script>")
    assert (answer.status, answer.code, safe(answer)) == (400, "malformed_request", True)
    assert b"script" not in answer.body
    (record,) = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert (record.levelno, record.exc_info) == (logging.INFO, None)
    assert "\n" not in record.getMessage()


async def test_a_body_that_breaks_off_in_the_middle_is_the_clients_fault(
    door: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(door, "POST /read HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=b"2\r\nab\r\nZZ\r\n")
    assert (answer.status, answer.code, safe(answer)) == (400, "malformed_request", True)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_what_goes_wrong_here_is_told_in_the_log_and_to_nobody_else(
    door: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(door, "POST /fail HTTP/1.1", "Host: x", "Content-Length: 0")
    assert (answer.status, safe(answer), b"Ours" in answer.body) == (500, True, False)
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "Ours" in str(record.exc_info and record.exc_info[1])


async def test_a_compressed_body_is_handed_on_as_it_is(door: int) -> None:
    head = ("POST /read HTTP/1.1", "Host: x", "Content-Encoding: gzip", "Content-Length: 3")
    assert (await ask(door, *head, body=b"\x1f\x8b\x00")).body == b"\x1f\x8b\x00"
