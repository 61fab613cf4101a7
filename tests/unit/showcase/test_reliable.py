"""The reliable chat of the showcase at a real node."""

from collections.abc import Awaitable

from lanchat.config import Config
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.support.consumers.plain import lines, plain


async def test_only_the_newcomer_is_greeted_and_those_who_stay_hear_who_left(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "reliable") as ada:
        assert await lines(ada, 1) == ["🔒 Reliable chat connection established!"]
        async with plain(server, "reliable") as bob:
            assert await lines(bob, 1) == ["🔒 Reliable chat connection established!"]
            await bob.send("hello")
            assert await lines(ada, 1) == await lines(bob, 1) == ["📨 hello"]
        assert await lines(ada, 1) == ["🚪 Left reliable chat!"]


async def test_nobody_is_left_in_the_group(showcase: Config) -> None:
    async with serving(showcase) as server:
        queue = server.node.layers["queue"]
        async with plain(server, "reliable") as ada:
            await lines(ada, 1)
            assert len(await queue.group_members("reliable_chat")) == 1

        async def empty() -> bool:
            return await queue.group_members("reliable_chat") == []

        def check() -> bool | Awaitable[bool]:
            return empty()

        await eventually(check)
