import pytest
import redis

from lanchat.layers.redis.scripts import PUT, PUT_ALL
from tests.support.redis.servers import RedisServer

NOW, CUTOFF, TTL = "100.5", "40.5", 60


def test_one_message_is_queued_until_the_queue_is_full(server: RedisServer) -> None:
    given = [server.ask("EVAL", PUT, 1, "q", NOW, CUTOFF, TTL, 2, member) for member in ("a", "b", "c")]
    assert given == [1, 1, 0]
    assert server.ask("ZRANGE", "q", 0, -1, "WITHSCORES") == [b"a", b"100.5", b"b", b"100.5"]
    assert 0 < server.ask("TTL", "q") <= TTL


def test_expired_messages_make_room(server: RedisServer) -> None:
    server.ask("ZADD", "q", "40.5", "old", "40.6", "young")
    assert server.ask("EVAL", PUT, 1, "q", NOW, CUTOFF, TTL, 2, "new") == 1
    assert server.ask("ZRANGE", "q", 0, -1) == [b"young", b"new"]


def test_each_queue_gets_its_own_unless_it_is_full_or_none(server: RedisServer) -> None:
    server.ask("ZADD", "full", NOW, "x")
    server.ask("SET", "text", "x")
    arguments = [NOW, CUTOFF, TTL, *(1, "to text"), *(1, "to full"), *(5, "to fine")]
    assert server.ask("EVAL", PUT_ALL, 3, "text", "full", "fine", *arguments) == [1, 1]
    assert server.ask("ZRANGE", "fine", 0, -1) == [b"to fine"]
    assert server.ask("ZRANGE", "full", 0, -1) == [b"x"]
    assert server.ask("TTL", "fine") > 0


def test_a_wrong_type_is_an_error_for_a_single_message(server: RedisServer) -> None:
    server.ask("SET", "text", "x")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        server.ask("EVAL", PUT, 1, "text", NOW, CUTOFF, TTL, 1, "a")
