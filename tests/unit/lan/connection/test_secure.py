"""Who answers in TLS is known before one byte of ours goes out."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from lanchat.errors import NotSecure
from lanchat.identity import NodeCertificate
from lanchat.lan.connection.secure import Pin, dialling_context, must_be_secure
from tests.support.certificates import answering_as, certificate_of, certified

DESK = certified("Desk")
OTHER = certified("Other")


class Answering:
    """A web server that counts what it is asked.

    Attributes:
        asked: how many requests came.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.url = ""

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(text="hello")


@asynccontextmanager
async def answering(tls: ssl.SSLContext) -> AsyncIterator[Answering]:
    there = Answering()
    app = web.Application()
    app.router.add_get("/", there.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        there.url = f"https://127.0.0.1:{runner.addresses[0][1]}/"
        yield there
    finally:
        await runner.cleanup()


async def ask(url: str, pin: Pin) -> str:
    connector = aiohttp.TCPConnector(ssl=pin)
    try:
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(url, ssl=dialling_context()) as answer,
        ):
            return await answer.text()
    finally:
        pin.close()


async def test_the_node_that_is_meant_is_taken() -> None:
    pin = Pin(DESK.id)
    async with answering(answering_as(certificate_of(DESK.id))) as there:
        assert await ask(there.url, pin) == "hello"
    assert (pin.node, pin.fingerprint_there) == (DESK.id, certificate_of(DESK.id).fingerprint)


async def test_whoever_answers_is_named_where_nobody_is_meant() -> None:
    pin = Pin()
    assert (pin.node, pin.fingerprint_there) == ("", "")
    async with answering(answering_as(certificate_of(OTHER.id))) as there:
        assert await ask(there.url, pin) == "hello"
    assert pin.node == OTHER.id


@pytest.mark.parametrize(
    "meant",
    [OTHER.id, DESK.id[:31], DESK.id[:1], f"{DESK.id}0", DESK.id.upper() + "X", "0" * 32],
    ids=["another", "31 digits", "one digit", "33 digits", "capitals", "zeros"],
)
async def test_another_one_is_asked_nothing(meant: str) -> None:
    async with answering(answering_as(certificate_of(DESK.id))) as there:
        with pytest.raises(aiohttp.ServerFingerprintMismatch):
            await ask(there.url, Pin(meant))
        assert there.asked == 0


async def test_tls_before_1_3_is_refused() -> None:
    older = answering_as(certificate_of(DESK.id))
    older.minimum_version = ssl.TLSVersion.TLSv1_2
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    async with answering(older) as there:
        with pytest.raises(aiohttp.ClientError):
            await ask(there.url, Pin(DESK.id))
        assert there.asked == 0


async def test_a_client_of_tls_before_1_3_is_refused() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with answering(answering_as(certificate_of(DESK.id))) as there:
        port = int(there.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(OSError):  # noqa: PT011 - however the other side ends the handshake
            await asyncio.open_connection("127.0.0.1", port, ssl=context)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ws://127.0.0.1/", "", "//127.0.0.1", "HTTPS"])
def test_what_is_not_https_is_no_way_to_a_node(url: str) -> None:
    with pytest.raises(NotSecure):
        must_be_secure(url)
    must_be_secure("https://127.0.0.1/")


def test_a_pin_that_saw_nobody_is_closed() -> None:
    Pin(NodeCertificate.new().id).close()


async def test_a_connection_that_has_ended_may_be_ended_again() -> None:
    """Also where Python raises AttributeError for that, as the one of Debian 12 does."""
    pin = Pin()
    async with answering(answering_as(certificate_of(DESK.id))) as there:
        await ask(there.url, pin)
        for _ in range(3):
            await asyncio.sleep(0)
            pin.close()
    pin.close()
