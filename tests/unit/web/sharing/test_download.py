"""`/app`: who gets the program file, how fast, and that the node goes on meanwhile."""

import base64
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.web.server import Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually

PROGRAM = os.urandom(3_000_000)


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This Python is a program of one file."""
    file = tmp_path / "lanchat"
    file.write_bytes(PROGRAM)
    monkeypatch.setattr(sys, "executable", str(file))
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_MEI12ab"), raising=False)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_the_file_comes_whole_and_with_its_hash(
    config: Config, frozen: None, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["lanchat.web.sharing.download"], "RATE", 1e9)
    async with serving(config) as server, http.get(f"{server.lan_url}app") as answer:
        body = await answer.read()
    assert body == PROGRAM
    digest = base64.b64encode(hashlib.sha256(PROGRAM).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lanchat"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_address_gets_one_at_a_time_and_everybody_else_is_served_meanwhile(
    config: Config, frozen: None, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["lanchat.web.sharing.download"], "RATE", 100_000.0)
    async with serving(config) as server:
        async with http.get(f"{server.lan_url}app") as first:
            assert await first.content.read(1)
            async with http.get(f"{server.lan_url}app") as second:
                assert second.status == 429
                assert (await second.json())["code"] == "slow_down"
            async with guest(server) as ada:
                room = await ada.enter("hall")
                await ada.say(room, "meanwhile")
                await ada.said(room, 1)
            first.close()
        monkeypatch.setattr(sys.modules["lanchat.web.sharing.download"], "RATE", 1e9)
        await eventually_served(server, http)


async def eventually_served(server: Server, http: aiohttp.ClientSession) -> None:
    """Whoever was cut off leaves their place to others."""

    async def served() -> Any:
        async with http.get(f"{server.lan_url}app") as answer:
            return answer.status == 200

    await eventually(served, what="the place is free again")


async def test_who_takes_it_too_slowly_is_cut_off(
    config: Config, frozen: None, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["lanchat.web.sharing.download"], "RATE", 100_000.0)
    monkeypatch.setattr(sys.modules["lanchat.web.sharing.download"], "LONGEST", 0.05)
    async with serving(config) as server, http.get(f"{server.lan_url}app") as answer:
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
            await answer.read()


async def test_from_its_source_a_node_says_that_it_has_none(config: Config, http: aiohttp.ClientSession) -> None:
    async with serving(config) as server, http.get(f"{server.lan_url}app") as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == "no_program"
