"""A machine outside a Redis that went on with a room of it while the node that leads there was away."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from lanchat.lan.shared.moves.strays import LEAP, Strays
from lanchat.limits import Limits
from lanchat.protocol import Quorum
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.clients import guest, serving
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, free_port
from tests.support.rooms.far import mirror
from tests.support.shared.nodes import company, said, shared_room, sharing

AT_ONCE = Limits(vote_after=0.001, vote_after_silence=0.001)


async def texts(server: Server, room: str) -> list[str]:
    return [event.body.text for event in await said(server, server.node.rooms.get(room))]


async def say(server: Server, room: str, text: str) -> None:
    async with guest(server, text.title()) as client:
        await client.join(room)
        await client.say(room, text)
        await client.said(room, 1)


async def test_what_was_said_there_comes_behind_what_redis_has(tmp_path: Path, server: RedisServer) -> None:
    leading = replace(sharing(tmp_path, "ada", server.url, limits=AT_ONCE), port=free_port())
    outside = sharing(tmp_path, "max", "", limits=AT_ONCE)
    async with company(tmp_path, server, "bob") as (bob,):
        async with serving(leading) as ada:
            room, _ = await shared_room([ada, bob])
            async with serving(outside) as far:
                copy = await mirror(far, ada, room.id)
                await say(ada, room.id, "together")
                await eventually(lambda: copy.top == 1, what="the copy is whole")
        async with serving(outside) as far:
            copy = far.node.rooms.get(room.id)
            await far.node.rooms.continue_here(copy)
            await say(far, room.id, "apart")
            await say(bob, room.id, "in redis")
            assert (copy.kind, copy.info.alone) == ("home", True)
            async with serving(leading) as ada:
                await eventually(lambda: copy.kind == "mirror" and copy.info.online, what="it has come back")
                wanted = ["together", "in redis", "apart"]
                for each in (far, ada, bob):
                    await eventually(lambda: each.node.rooms.get(room.id).top == 3)  # noqa: B023 - in this turn
                    assert await texts(each, room.id) == wanted
                await say(far, room.id, "again")
                await eventually(lambda: bob.node.rooms.get(room.id).top == 4)


async def test_a_claim_is_outranked_seldom_and_by_no_number_that_is_beyond_reason(
    tmp_path: Path, server: RedisServer
) -> None:
    async with company(tmp_path, server, "ada") as (ada,):
        (room,) = await shared_room([ada])
        shared, node = ada.node.shared, ada.node.info
        assert shared is not None
        said: list[tuple[str, Sequence[str], Quorum]] = []

        def carry(_: Room, to: str, addresses: Sequence[str], frame: Quorum) -> None:
            said.append((to, addresses, frame))

        strays = Strays(shared.shared.stream, carry, node)
        claim = Quorum(room=room.id, step="lead", sender=f"{'f' * 32}.{'0' * 16}", to="", port=5)

        async def answered(step: str, term: int) -> None:
            await strays.answer(room, replace(claim, step=step, term=term), "192.0.2.5:5")

        first = room.term
        await answered("lead", first + LEAP + 1)
        await answered("seek", first)
        await answered("lead", first + 4)
        await eventually(lambda: room.term == first + 5, what="Redis goes on under a higher term")
        await answered("lead", first + 9)
        assert int(server.ask("HGET", f"lanchat:{{{room.id}}}:head", "term")) == first + 5
        assert said == []
        await answered("lead", first + 4)
        ((to, addresses, frame),) = said
        assert (to, addresses, frame.step, frame.term) == ("f" * 32, ("192.0.2.5:5",), "lead", first + 5)
        assert frame.home is not None
        assert (frame.home.voter, frame.home.name) == (f"{node.id}.{'0' * 16}", node.name)
        await say(ada, room.id, "on")
