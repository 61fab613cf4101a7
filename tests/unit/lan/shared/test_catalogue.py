"""The list of rooms in Redis, and whose Redis it is."""

import asyncio
import secrets

import msgspec
import pytest

from lanchat.errors import LanchatError
from lanchat.journal import RoomRecord
from lanchat.lan.shared.catalogue import Catalogue, read_record
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


async def test_all_nodes_are_of_one_company(catalogue: Catalogue, pipeline: Pipeline) -> None:
    ours = await catalogue.join("", talks=True)
    assert await catalogue.join("") == await catalogue.join(ours) == ours
    with pytest.raises(LayerError, match="shared by other nodes under the same prefix"):
        await catalogue.join("theirs")
    assert await Catalogue(pipeline, "other").join("theirs") == "theirs"


async def test_who_came_first_to_an_empty_redis_gives_way_to_who_had_it_before(catalogue: Catalogue) -> None:
    assert await catalogue.join("") == ""
    assert await catalogue.join("theirs") == "theirs"
    assert await catalogue.join("") == await catalogue.join("", talks=True) == "theirs"


async def test_what_was_said_in_gives_way_to_nobody(catalogue: Catalogue) -> None:
    assert await catalogue.join("") == ""
    ours = await catalogue.join("", talks=True)
    with pytest.raises(LayerError, match="shared by other nodes under the same prefix"):
        await catalogue.join("theirs")
    assert await catalogue.join(ours) == ours


async def test_of_two_who_take_a_new_mark_one_is_first(catalogue: Catalogue, pipeline: Pipeline) -> None:
    """Whoever decides by a mark that has been replaced meanwhile goes by what is there."""
    (was,) = await pipeline.ask(("GET", "lanchat:{rooms}:cluster"))
    assert was is None
    joined = await asyncio.gather(
        *(catalogue.join(ours) for ours in ("first", "second", "third")), return_exceptions=True
    )
    assert sorted(isinstance(each, LayerError) for each in joined) == [False, True, True]


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
        await catalogue.join("")
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
