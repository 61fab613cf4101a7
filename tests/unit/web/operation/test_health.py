"""What a node says of itself to load balancers and supervisors."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from lanchat.config import Config
from lanchat.protocol import Havens
from lanchat.web.server import RESTARTED, Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread
from tests.support.shared.nodes import company, problem, shared_room, sharing


async def asked(url: str, path: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}{path}") as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else {}


@pytest.fixture
async def alone(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_a_node_alone_lives_and_is_ready(alone: Server) -> None:
    for url in (alone.lan_url, alone.window_url):
        status, told = await asked(url, "health")
        assert (status, told["redis"], told["kept"], told["draining"]) == (200, "none", "disk", False)
        assert (await asked(url, "ready"))[1]["ready"] is True


async def test_the_network_reads_no_numbers_unless_it_was_named(alone: Server, config: Config, tmp_path: Path) -> None:
    status, told = await asked(alone.lan_url, "metrics")
    assert (status, told["code"]) == (401, "unauthorised")
    named = msgspec.structs.replace(config, data_dir=tmp_path / "named", readers="10.0.0.0/8 127.0.0.1")
    async with serving(named) as server:
        assert (await asked(server.lan_url, "metrics"))[0] == 200


async def test_redis_that_is_away_is_said_without_its_address(tmp_path: Path, own_server: RedisServer) -> None:
    async with company(tmp_path, own_server, "ada") as (ada,):
        await eventually(lambda: not problem(ada))
        told = (await asked(ada.lan_url, "health"))[1]
        assert (told["redis"], told["kept"], told["behind"]) == ("there", "may_lose", 0)
        await in_thread(own_server.stop)
        await eventually(lambda: bool(problem(ada)))
        status, told = await asked(ada.lan_url, "health")
        assert (status, told["redis"]) == (200, "away")
        assert str(own_server.port) not in str(told)
        assert (await asked(ada.lan_url, "ready"))[0] == 200
        told = (await asked(ada.window_url, "health"))[1]
        assert "cannot be reached now" in told["problem"]
        assert "append-only file" in str(told["warnings"])


async def test_a_node_that_drains_sends_its_guests_to_the_others(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        ada, bob = nodes
        room, _ = await shared_room(nodes)
        assert ada.node.shared is not None
        shared = ada.node.shared.shared
        await eventually(lambda: [haven.name for haven in shared.others] == ["bob"])
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            havens = await carl.hear(Havens)
            assert [haven.address for haven in havens.nodes] == [bob.lan_url.removeprefix("http://").rstrip("/")]
            closing = asyncio.ensure_future(ada.drain())
            assert await carl.end() == RESTARTED
            await closing
        assert bob.node.shared is not None
        theirs = bob.node.shared.shared
        await eventually(lambda: list(theirs.others) == [])
        assert (await asked(ada.lan_url, "ready"))[0] == 503
        status, told = await asked(ada.lan_url, "api/node")
        assert (status, told["code"]) == (503, "going_away")
        assert (await asked(ada.lan_url, "health"))[1]["draining"] is True


async def test_first_it_is_not_ready_and_then_nobody_is_let_in(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy its guests are told no address of a node, and come back where they were."""
    monkeypatch.setattr("lanchat.web.server.DRAIN", 0.3)
    async with serving(sharing(tmp_path, "ada", server.url, proxies="127.0.0.1")) as ada:
        (room,) = await shared_room([ada])
        async with guest(ada, "Carl") as carl:
            await carl.join(room.id)
            async with aiohttp.ClientSession() as session:
                closing = asyncio.ensure_future(ada.drain())
                async with session.get(f"{ada.lan_url}ready") as answer:
                    assert answer.status == 503
                async with session.get(f"{ada.lan_url}api/node") as answer:
                    assert answer.status == 200
            assert await carl.end() == RESTARTED
            await closing
        assert ada.node.where() == ""


async def test_a_node_alone_does_not_send_anybody_away(alone: Server) -> None:
    async with guest(alone, "Carl") as carl:
        room = await carl.enter("here")
        await alone.drain()
        await carl.say(room, "still here")
        await carl.said(room, 1)
        assert (await asked(alone.lan_url, "ready"))[0] == 503
