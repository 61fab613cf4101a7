"""Which other nodes there are at a Redis, and who only says so."""

import asyncio

import pytest

from lanchat.lan.shared import company
from lanchat.lan.shared.company import Company
from lanchat.layers.redis.connection import Pipeline
from lanchat.protocol import Haven, NodeInfo
from tests.support.conditions import LONG
from tests.support.redis.servers import RedisServer

KEY = "lanchat:{rooms}:nodes"


def node(pipeline: Pipeline, name: str, address: str) -> Company:
    return Company(pipeline, "lanchat", NodeInfo(id=f"{name}-id", name=name), lambda: address)


async def test_nodes_know_of_each_other_until_they_go(pipeline: Pipeline) -> None:
    where = ["10.0.0.7:28280"]
    ada = Company(pipeline, "lanchat", NodeInfo(id="ada-id", name="ada"), lambda: where[0])
    bob = node(pipeline, "bob", "10.0.0.8:28280")
    await ada.meet()
    await bob.meet()
    assert (ada.others, bob.others) == ([], [Haven(name="ada", address="10.0.0.7:28280")])
    await ada.meet()
    assert ada.others == [Haven(name="bob", address="10.0.0.8:28280")]
    where[0] = ""
    await ada.meet()
    await bob.meet()
    assert bob.others == []


async def test_who_says_nothing_any_more_is_gone(
    pipeline: Pipeline, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await node(pipeline, "ada", "10.0.0.7:28280").meet()
    bob = node(pipeline, "bob", "10.0.0.8:28280")
    monkeypatch.setattr(company, "STALE", 0.05)

    async with asyncio.timeout(LONG):
        await bob.meet()
        while bob.others:
            await bob.meet()
    assert server.ask("HKEYS", KEY) == [b"bob-id"]


@pytest.mark.parametrize("said", ["", "x", "99999999999999 x", "99999999999999 {}", "99999999999999 []", "9" * 5_000])
async def test_what_no_node_says_is_passed_over(pipeline: Pipeline, server: RedisServer, said: str) -> None:
    server.ask("HSET", KEY, "eve-id", said)
    ada = node(pipeline, "ada", "10.0.0.7:28280")
    await ada.meet()
    assert ada.others == []


async def test_a_crowd_of_them_is_bounded_and_their_names_tamed(pipeline: Pipeline, server: RedisServer) -> None:
    for number in range(3 * company.MOST):
        server.ask("HSET", KEY, str(number), '99999999999999 {"name":"e\\u202evil\\n","address":"10.0.0.9:28280"}')
    ada = node(pipeline, "ada", "10.0.0.7:28280")
    await ada.meet()
    assert len(ada.others) <= company.MOST
    assert all(haven.name.isprintable() for haven in ada.others)
