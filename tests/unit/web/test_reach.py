"""`/api/reach`: what another node is told, and whom we dial because of it."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.lan.discovery import HttpsProbe
from lanchat.protocol import VERSION
from lanchat.web.reach import MOST
from lanchat.web.server import Server
from tests.support.clients import serving
from tests.support.conditions import eventually


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def port_of(server: Server) -> int:
    return int(server.lan_url.rpartition(":")[2].strip("/"))


async def test_version_and_clock_are_told_to_anybody(server: Server, http: aiohttp.ClientSession) -> None:
    before = time.time_ns() // 1_000_000
    async with http.get(f"{server.lan_url}api/reach") as answer:
        told = await answer.json()
    assert told["version"] == VERSION
    assert before <= told["at"] <= time.time_ns() // 1_000_000
    assert told["hears"] is False
    assert "reaches" not in told


@pytest.mark.parametrize(("of", "reached"), [("node", True), ("another", False)])
async def test_only_the_node_of_that_id_counts_as_reached(
    server: Server, http: aiohttp.ClientSession, of: str, reached: bool
) -> None:
    node = server.node.info.id if of == "node" else "e" * 32
    async with http.get(f"{server.lan_url}api/reach?node={node}&port={port_of(server)}") as answer:
        assert (await answer.json())["reaches"] is reached


@pytest.mark.parametrize("port", ["80", "-1", "65536", "x", "", "99999999999999999999", "２８２８０", "1e4"])
async def test_no_other_port_is_tried(server: Server, http: aiohttp.ClientSession, port: str) -> None:
    async with http.get(f"{server.lan_url}api/reach", params={"node": "e" * 32, "port": port}) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == "invalid_frame"


async def test_an_address_is_dialled_once_at_a_time(
    server: Server, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, asked = asyncio.Event(), 0

    async def ask(_probe: object, address: str, port: int, node: str) -> None:
        nonlocal asked
        asked += 1
        assert (address, port, node) == ("127.0.0.1", 28_280, "e" * 32)
        await going.wait()

    monkeypatch.setattr(HttpsProbe, "ask", ask)
    url = f"{server.lan_url}api/reach?node={'e' * 32}&port=28280"

    async def knock() -> int:
        async with http.get(url) as answer:
            return answer.status

    first = asyncio.create_task(knock())
    await eventually(lambda: asked == 1)
    assert [await knock() for _ in range(MOST)] == [429] * MOST
    going.set()
    assert await first == 200
    assert asked == 1
    assert await knock() == 200
