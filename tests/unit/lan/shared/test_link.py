"""A room that several nodes have through one Redis."""

from pathlib import Path

from tests.support.clients import guest
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, shared_room


async def test_what_is_said_at_one_node_is_read_at_all(tmp_path: Path, server: RedisServer) -> None:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        room, _ = await shared_room(nodes)
        async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
            await carl.join(room.id)
            await dora.join(room.id)
            await carl.say(room.id, "hello")
            await dora.say(room.id, "hi")
            said = [[(e.seq, e.body.text) for e in await each.said(room.id, 2)] for each in (carl, dora)]
            assert said[0] == said[1]
            assert {text for _, text in said[0]} == {"hello", "hi"}
