"""Whether a node shares its rooms."""

import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from lanchat.config import Config
from lanchat.lan.directory import share
from lanchat.layers import LayerError
from lanchat.protocol import NodeInfo
from lanchat.rooms.network import ALONE

PARTS: Any = SimpleNamespace(node=NodeInfo(id="a" * 32, name="node"))


@pytest.mark.parametrize("url", ["", "memory://"])
async def test_who_names_no_redis_shares_no_rooms(url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        assert share(Config(redis=url), PARTS, ALONE, stack, str) is None


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "sentinel://127.0.0.1:1/chat", "redis+pubsub://127.0.0.1:1"])
async def test_who_names_one_shares_them(url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        network = share(Config(redis=url), PARTS, ALONE, stack, str)
        assert network is not None
        assert network.shared.problem


async def test_a_url_that_cannot_be_read_is_named() -> None:
    async with contextlib.AsyncExitStack() as stack:
        with pytest.raises(LayerError, match="cannot be read"):
            share(Config(redis="redis://[::1"), PARTS, ALONE, stack, str)
