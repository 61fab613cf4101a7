"""What a user may not do on Redis is found out before anybody says anything."""

import pytest

from lanchat.lan.shared.rights import PROBE, check_rights
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline
from tests.support.redis.servers import RedisServer


async def check(pipeline: Pipeline) -> None:
    (server,) = await pipeline.servers(PROBE)
    await check_rights(server, "lanchat")


async def test_who_may_do_everything_leaves_nothing_behind(pipeline: Pipeline, server: RedisServer) -> None:
    await check(pipeline)
    assert server.ask("KEYS", "*") == []


async def test_each_command_that_is_refused_is_named(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("ACL", "SETUSER", "default", "-xadd", "-hset", "-hlen", "-time", "-xtrim", "-publish", "-pubsub")
    try:
        with pytest.raises(LayerError, match=r"HSET, HLEN, XADD, XTRIM, XSETID, TIME and 2 more .*can't run"):
            await check(pipeline)
    finally:
        server.ask("ACL", "SETUSER", "default", "+@all")


COMMANDS = (
    "set get exists hset hsetnx hget hmget hgetall hexists hlen hdel xadd xlen xrange xrevrange xtrim xsetid xdel del"
    " time info publish pubsub subscribe unsubscribe evalsha eval"
)


@pytest.mark.parametrize("command", COMMANDS.split())
async def test_each_right_that_alone_is_missing_is_named(pipeline: Pipeline, server: RedisServer, command: str) -> None:
    server.ask("SCRIPT", "FLUSH")  # one that the server knows needs no EVAL
    server.ask("ACL", "SETUSER", "default", f"-{command}")
    try:
        with pytest.raises(LayerError, match=rf"(?i)\b{command}\b"):
            await check(pipeline)
    finally:
        server.ask("ACL", "SETUSER", "default", "+@all")


async def test_topics_that_this_user_may_not_hear_are_named(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("ACL", "SETUSER", "default", "resetchannels", "&theirs:*")
    try:
        with pytest.raises(LayerError, match=r"PUBLISH, SUBSCRIBE .*channel"):
            await check(pipeline)
    finally:
        server.ask("ACL", "SETUSER", "default", "allchannels")


async def test_keys_that_this_user_may_not_have_are_named(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("ACL", "SETUSER", "default", "resetkeys", "~theirs:*")
    try:
        with pytest.raises(LayerError, match="keys"):
            await check(pipeline)
    finally:
        server.ask("ACL", "SETUSER", "default", "allkeys")


async def test_a_full_memory_is_said_as_such(pipeline: Pipeline, server: RedisServer) -> None:
    server.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(LayerError, match="no memory left"):
            await check(pipeline)
    finally:
        server.ask("CONFIG", "SET", "maxmemory", "0")
