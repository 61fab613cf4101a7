"""Which browsers may use a node, asked by a program of the same user."""

import json

import aiohttp
import pytest
from msgspec.structs import replace

from lanchat.client import own_windows, sign_out
from lanchat.config import Config
from lanchat.errors import Unauthorised, Unreachable
from tests.support.clients import running, serving


async def test_browsers_are_listed_and_signed_out(config: Config) -> None:
    async with serving(config) as server, aiohttp.ClientSession() as http:
        node = running(config.data_dir)
        for _ in range(2):
            body = json.dumps({"token": server.new_window_url().partition("#t=")[2], "keep": True})
            async with http.post(f"{server.window_url}token", data=body) as answer:
                assert answer.status == 200
        one, two = await own_windows(node)
        assert (one.kept, one.since <= one.seen, one.id != two.id) == (True, True, True)
        assert await sign_out(node, one.id) == 1
        assert [window.id for window in await own_windows(node)] == [two.id]
        assert await sign_out(node) == 1
        with pytest.raises(Unauthorised):
            await own_windows(replace(node, key="another"))
    with pytest.raises(Unreachable):
        await own_windows(node)


async def test_what_is_no_node_is_not_taken_for_one(config: Config) -> None:
    async with serving(config) as server:
        node = replace(running(config.data_dir), window=server.lan_url)
        with pytest.raises(Unreachable, match="no Lanchat"):
            await own_windows(node)
