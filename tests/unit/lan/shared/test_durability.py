"""What is said of a server by what it says of itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat.lan.shared.durability import Durability, judge, read_durability, together
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline, servers_of
from tests.support.redis.servers import RedisServer

AOF = {"aof_enabled": "1", "redis_version": "7.0.15"}
NEW = {"aof_enabled": "1", "redis_version": "7.2.4"}


@pytest.mark.parametrize(
    ("info", "settings", "replicas", "certain", "waits", "warning"),
    [
        (AOF, {"appendfsync": "always"}, 0, True, False, ""),
        (AOF, {"appendfsync": "everysec"}, 0, False, False, "once a second"),
        (AOF, None, 0, False, False, "does not say how often"),
        ({"redis_version": "8.0.0"}, {"appendfsync": "always"}, 0, False, False, "no append-only file"),
        (NEW, {"appendfsync": "everysec"}, 0, True, True, ""),
        (NEW, {"appendfsync": "always"}, 0, True, False, ""),
        (NEW, {"appendfsync": "always"}, 1, True, True, ""),
        (NEW, None, 0, True, True, "does not let this user read its settings"),
        (AOF, {"appendfsync": "always", "maxmemory": "100", "maxmemory-policy": "allkeys-lru"}, 0, True, False, "lru"),
        (AOF, {"appendfsync": "always", "maxmemory": "0", "maxmemory-policy": "allkeys-lru"}, 0, True, False, ""),
        (NEW | {"redis_mode": "cluster"}, {"cluster-require-full-coverage": "no"}, 0, True, True, ""),
        (NEW | {"redis_mode": "cluster"}, {"cluster-require-full-coverage": "yes"}, 0, True, True, "Set it to no"),
        (NEW, {"cluster-require-full-coverage": "yes"}, 0, True, True, ""),
        ({"aof_enabled": "1", "redis_version": "odd"}, {"appendfsync": "no"}, 0, False, False, "last second"),
    ],
)
def test_what_is_promised(  # noqa: PLR0917
    info: dict[str, str], settings: dict[str, str] | None, replicas: int, certain: bool, waits: bool, warning: str
) -> None:
    found = judge("here", info, settings, replicas)
    assert (found.certain, found.waits, found.replicas) == (certain, waits, replicas if waits else 0)
    assert warning in " ".join(found.warnings)
    assert bool(warning) == bool(found.warnings)


def test_several_promise_what_each_of_them_does() -> None:
    always, waited, never = (judge("here", info, {"appendfsync": "always"}, 0) for info in (NEW, NEW, {}))
    waited.waits = True
    assert together([always, waited]) == Durability(certain=True, waits=True, known=True)
    lost = together([waited, never])
    assert (lost.certain, lost.waits, lost.warnings) == (False, False, never.warnings)


def test_it_may_change_while_it_is_used() -> None:
    used = Durability()
    used.take(judge("here", NEW, None, 0))
    assert (used.known, used.certain, used.waits) == (True, True, True)


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(
        tmp_path / "redis", "appendonly yes", "appendfsync always", "user narrow on >s ~* +@all -config"
    )
    server.start()
    yield server
    server.stop()


async def asked(server: RedisServer, **options: str) -> Durability:
    pipeline = Pipeline(servers_of([{"host": "127.0.0.1", "port": server.port, **options}], 5)[0])
    try:
        return await read_durability(pipeline, 0)
    finally:
        await pipeline.close()


async def test_a_server_is_asked(careful: RedisServer, server: RedisServer) -> None:
    assert await asked(careful) == Durability(certain=True, known=True)
    assert "no append-only file" in " ".join((await asked(server)).warnings)


async def test_who_may_not_ask_is_told_so(careful: RedisServer) -> None:
    found = await asked(careful, username="narrow", password="s")
    assert not found.certain
    assert "allow +config|get" in " ".join(found.warnings)


async def test_a_replica_is_nothing_to_write_to(careful: RedisServer) -> None:
    careful.ask("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(LayerError, match="read-only replica"):
        await asked(careful)
