"""What a client meets at a door that tells nothing of ways to the node."""

import pytest

from lanchat.config import Config
from lanchat.errors import DataDirUnusable
from tests.support.clients import serving


async def test_a_door_without_ways_gives_no_program_and_renews_no_keys(config: Config) -> None:
    async with serving(config) as server:
        context = server.node.door()
        assert context.own_addresses() == []
        assert await context.program() is None
        with pytest.raises(DataDirUnusable):
            context.renew()
