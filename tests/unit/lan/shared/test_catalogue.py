"""The list of rooms in Redis, and whose Redis it is."""

import asyncio
import secrets

import msgspec
import pytest

from lanchat.errors import LanchatError
from lanchat.journal import RoomRecord
from lanchat.lan.shared.catalogue import Catalogue, ClusterMark, read_record
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline
from lanchat.protocol import room_id
from lanchat.rooms import succession
from tests.support.identity import SEAL
from tests.support.redis.servers import RedisServer

SALT = secrets.token_hex(16)


@pytest.fixture
def catalogue(pipeline: Pipeline) -> Catalogue:
    return Catalogue(pipeline, "lanchat")


def record(name: str) -> RoomRecord:
    return RoomRecord(id=secrets.token_hex(16), name=name, home=succession.SHARED)


THEIRS = ClusterMark("theirs")


async def test_all_nodes_are_of_one_company(catalogue: Catalogue, pipeline: Pipeline) -> None:
    ours = await catalogue.join(None, talks=True)
    assert await catalogue.join(None) == await catalogue.join(ours) == ours
    with pytest.raises(LayerError, match="shared by other nodes under the same prefix"):
        await catalogue.join(THEIRS)
    assert await Catalogue(pipeline, "other").join(THEIRS) == THEIRS


async def test_who_came_first_to_an_empty_redis_gives_way_to_who_had_it_before(catalogue: Catalogue) -> None:
    first = await catalogue.join(None)
    assert first.new
    assert await catalogue.join(None) == first
    assert await catalogue.join(THEIRS) == THEIRS
    assert await catalogue.join(first) == await catalogue.join(first, talks=True) == THEIRS


async def test_what_was_said_in_gives_way_to_nobody(catalogue: Catalogue) -> None:
    first = await catalogue.join(None)
    ours = await catalogue.join(first, talks=True)
    assert ours == ClusterMark(first.id)
    with pytest.raises(LayerError, match="shared by other nodes under the same prefix"):
        await catalogue.join(THEIRS)
    assert await catalogue.join(first) == await catalogue.join(ours) == ours


async def test_who_left_before_the_mark_was_last_has_the_others_mark(catalogue: Catalogue, server: RedisServer) -> None:
    first = await catalogue.join(None)
    ours = await catalogue.join(first, talks=True)
    server.ask("FLUSHALL")
    assert await catalogue.join(first, talks=True) == await catalogue.join(ours) == ours


async def test_of_several_who_find_no_mark_one_is_first(catalogue: Catalogue) -> None:
    several = (ClusterMark(name) for name in ("first", "second", "third"))
    joined = await asyncio.gather(*map(catalogue.join, several), return_exceptions=True)
    assert sorted(isinstance(each, LayerError) for each in joined) == [False, True, True]


async def test_who_says_something_while_another_is_first_makes_its_mark_last(catalogue: Catalogue) -> None:
    """Both find no mark; the one that comes second has to replace what it did not find."""
    first, second = await asyncio.gather(catalogue.join(None), catalogue.join(None, talks=True))
    assert first.new
    assert second == ClusterMark(first.id)


@pytest.mark.parametrize("mark", [ClusterMark("x"), ClusterMark("x", new=True)])
def test_a_mark_is_remembered(mark: ClusterMark) -> None:
    assert ClusterMark.remembered(mark.line) == mark
    assert ClusterMark.remembered("") is None


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        ("something", "holds something else"),
        ('{"id":"x","format":2}', "run the same version"),
        ("[]", "something else"),
    ],
)
async def test_what_is_not_of_this_version_is_left_alone(
    catalogue: Catalogue, server: RedisServer, there: str, sentence: str
) -> None:
    server.ask("SET", "lanchat:{rooms}:cluster", there)
    with pytest.raises(LayerError, match=sentence):
        await catalogue.join(None)
    assert server.ask("GET", "lanchat:{rooms}:cluster") == there.encode()


async def test_of_one_name_there_is_one_new_room(catalogue: Catalogue) -> None:
    first, second = record("Harbour"), record("Harbour")
    assert await catalogue.put(first, new=True) == first
    assert await catalogue.put(second, new=True) == first
    assert list(await catalogue.rooms()) == [first]


async def test_what_redis_has_lost_is_listed_again(catalogue: Catalogue, server: RedisServer) -> None:
    lost, made = record("Harbour"), record("Harbour")
    await catalogue.put(lost, new=True)
    server.ask("FLUSHALL")
    await catalogue.put(made, new=True)
    assert await catalogue.put(lost, new=False) == lost
    assert {room.id for room in await catalogue.rooms()} == {lost.id, made.id}


async def test_an_owner_is_proved_by_the_rooms_id(catalogue: Catalogue) -> None:
    owned = RoomRecord(room_id(SEAL.id, SALT), "Harbour", succession.SHARED, owner=SEAL.id, salt=SALT)
    assert await catalogue.put(owned, new=True) == owned


@pytest.mark.parametrize(
    "pair",
    [
        ("x", '{"name":"Harbour"}'),
        ("ab", '{"name":"Harbour"}'),
        (secrets.token_hex(16), "no JSON"),
        (secrets.token_hex(16), '{"name":"  two  "}'),
        (secrets.token_hex(16), '{"name":"Harbour","home":"elsewhere"}'),
        (secrets.token_hex(16), msgspec.json.encode({"name": "x" * 3_000}).decode()),
        (secrets.token_hex(16), msgspec.json.encode({"name": "Mine", "owner": SEAL.id, "salt": SALT}).decode()),
    ],
)
async def test_what_no_node_wrote_is_left_out(catalogue: Catalogue, server: RedisServer, pair: tuple[str, str]) -> None:
    with pytest.raises(LanchatError):
        read_record(tuple(part.encode() for part in pair))
    there = await catalogue.put(record("Harbour"), new=True)
    server.ask("HSET", "lanchat:{rooms}:list", *pair)
    assert list(await catalogue.rooms()) == [there]
