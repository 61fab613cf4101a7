"""What Redis is asked when a room leaves it."""

import pytest

from lanchat.errors import CannotMove, InvalidFrame
from lanchat.lan.shared.moves.departure import Departure, RoomHome
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import NodeInfo
from lanchat.rooms import succession
from tests.support.journal.contract import ROOM, draft
from tests.support.redis.servers import RedisServer
from tests.support.rooms.said import record

ADA = RoomHome.of(NodeInfo(id="a" * 32, name="ada"), "192.0.2.5:28280")
KEY = f"lanchat:{{{ROOM}}}:"


async def test_a_room_that_is_let_go_is_numbered_no_more_and_says_where_it_is(
    stream: RoomStream, server: RedisServer
) -> None:
    departure, known = Departure(stream), record(ROOM, home=succession.SHARED)
    await stream.post(1, 0, [draft("n")])
    assert await departure.whither(known) is None
    await departure.release(1, ADA)
    assert (await stream.post(1, 0, [draft("m")])).state == "meet"
    assert (await stream.post(2, 0, [draft("m")])).state == "meet"
    assert (await stream.meet("b" * 32, 9, None)).state == "moved"
    gone = await departure.whither(known)
    assert gone is not None
    assert (gone.home, gone.term, gone.addresses) == (NodeInfo(id=ADA.id, name="ada"), 2, ADA.addresses)
    await departure.release(1, ADA)  # it may be said again
    assert not await departure.empty("b" * 32)
    assert [each.nonce for each in (await stream.view(0, 5)).entries] == ["n"]
    assert await departure.empty(ADA.id)
    assert server.ask("KEYS", f"{KEY}*") == [f"{KEY}head".encode()]
    assert (await stream.meet("b" * 32, 9, None)).state == "moved"


async def test_a_redis_that_has_forgotten_that_it_let_go_knows_it_again_and_one_that_numbers_goes_on(
    stream: RoomStream, server: RedisServer
) -> None:
    departure = Departure(stream)
    await stream.post(1, 0, [draft("n")])
    server.ask("HSET", f"{KEY}head", "run", "another")
    assert not await departure.empty(ADA.id)
    await departure.insist(1, ADA)
    assert (await stream.view(0, 1)).state == "open", "nodes may have met under this term"
    await departure.insist(2, ADA)
    gone = await departure.whither(record(ROOM, home=succession.SHARED))
    assert gone is not None
    assert (gone.home.id, gone.term, (await stream.view(0, 1)).kept) == (ADA.id, 2, 1)


async def test_what_redis_does_not_number_now_is_not_let_go(stream: RoomStream, server: RedisServer) -> None:
    with pytest.raises(CannotMove, match="just now"):
        await Departure(stream).release(7, ADA)
    server.ask("HSET", f"{KEY}head", "run", "another")
    with pytest.raises(CannotMove, match="just now"):
        await Departure(stream).release(1, ADA)
    assert await Departure(stream).whither(record(ROOM)) is None


@pytest.mark.parametrize("home", ["", "[]", '{"id":1,"name":"x"}', "x" * 5_000, '{"id":"a","name":"b","more":1}'])
async def test_what_no_node_wrote_leads_nowhere(stream: RoomStream, server: RedisServer, home: str) -> None:
    server.ask("HSET", f"{KEY}head", "state", "moved", "home", home)
    with pytest.raises(InvalidFrame, match="where no node is"):
        await Departure(stream).whither(record(ROOM))
