"""Asking one node what it sees of us, over HTTPS."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from lanchat.errors import Unreachable
from lanchat.lan.connection import NodeAddress
from lanchat.lan.diagnosis.witness import ask
from lanchat.protocol import VERSION, NodeInfo
from tests.support.certificates import answering_as, certificate_of, certified

LAB = certified("Lab")
ME = "c" * 32


@asynccontextmanager
async def node(*, reach: Any = None) -> AsyncIterator[NodeAddress]:
    """A node that answers `reach` at `/api/reach`; one of an old version when that is None."""

    async def reached(_: web.Request) -> web.Response:
        return web.Response(text=reach if isinstance(reach, str) else json.dumps(reach))

    async def about(_: web.Request) -> web.Response:
        return web.json_response({"node": {"id": LAB.id, "name": LAB.name}, "rooms": []})

    app = web.Application()
    app.router.add_get("/api/node", about)
    if reach is not None:
        app.router.add_get("/api/reach", reached)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=answering_as(certificate_of(LAB.id))).start()
        yield NodeAddress("127.0.0.1", runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_what_it_sees_is_told() -> None:
    at = time.time_ns() // 1_000_000 + 300_000
    async with node(reach={"version": VERSION, "at": at, "hears": True, "reaches": False}) as there:
        word = await ask(there, LAB, ME, 28_280, found=True, announces=True)
    assert (word.node, word.address, word.version) == (LAB, "127.0.0.1", VERSION)
    assert (word.hears, word.reaches, word.found) == (True, False, True)
    assert 290 < word.skew < 360


async def test_who_announces_nothing_is_not_missed() -> None:
    async with node(reach={"version": VERSION, "at": 0, "hears": False}) as there:
        assert (await ask(there, LAB, ME, 28_280, found=True, announces=False)).hears is None


async def test_an_old_version_is_known_as_one() -> None:
    async with node() as there:
        assert (await ask(there, LAB, ME, 0, found=False, announces=False)).version == 0


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"version": "x", "at": 0}', "[" * 60_000, "\ud800"])
async def test_nonsense_is_no_answer(answer: str) -> None:
    async with node(reach=answer.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) as there:
        with pytest.raises(Unreachable):
            await ask(there, LAB, ME, 28_280, found=True, announces=True)


async def test_another_machine_in_its_place_is_no_witness() -> None:
    async with node(reach={"version": VERSION, "at": 0}) as there:
        with pytest.raises(Unreachable):
            await ask(there, NodeInfo(id="d" * 32, name="Lab"), ME, 28_280, found=True, announces=True)
