"""A cluster of three masters on this machine, which parts the slots among them and can pass one on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lanchat.layers.redis.connection.cluster import slot_of
from tests.support.conditions import wait_until
from tests.support.redis.servers import RedisServer, free_port

_SHARDS = 3
_SLOTS = 16_384


class RedisCluster:
    """Three servers, each with a third of the slots. Where one is away, the others go on.

    Args:
        folder: where they may write.
        settings: more lines of their configuration.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        common = ("cluster-enabled yes", "cluster-node-timeout 500", "cluster-require-full-coverage no")
        self._buses = [free_port() for _ in range(_SHARDS)]
        self.servers = [
            RedisServer(folder / f"shard{number}", *common, f"cluster-port {bus}", *settings)
            for number, bus in enumerate(self._buses)
        ]

    @property
    def url(self) -> str:
        return "cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def start(self) -> None:
        for number, server in enumerate(self.servers):
            server.start()
            first, behind = (part * _SLOTS // _SHARDS for part in (number, number + 1))
            server.ask("CLUSTER", "ADDSLOTSRANGE", first, behind - 1)
            server.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for server, bus in zip(self.servers[1:], self._buses[1:], strict=True):
            self.servers[0].ask("CLUSTER", "MEET", "127.0.0.1", server.port, bus)
        wait_until(self.is_whole, what="every server knows who has which slots")

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def is_whole(self) -> bool:
        told = [server.ask("CLUSTER", "INFO").decode().splitlines() for server in self.servers]
        wanted = {"cluster_state:ok", f"cluster_slots_ok:{_SLOTS}", f"cluster_known_nodes:{_SHARDS}"}
        return all(wanted <= set(lines) for lines in told)

    def owner(self, key: str) -> RedisServer:
        """Return the server that has a key, as the first sees it."""
        slot = slot_of(key)
        for line in self.servers[0].ask("CLUSTER", "NODES").decode().splitlines():
            for first, last in re.findall(r" (\d+)(?:-(\d+))?(?= |$)", line.partition(" connected")[2]):
                if int(first) <= slot <= int(last or first):
                    return next(server for server in self.servers if f"127.0.0.1:{server.port}@" in line)
        raise AssertionError(f"nobody has slot {slot}")

    def another(self, key: str) -> RedisServer:
        """A server that has not a key."""
        owner = self.owner(key)
        return self.servers[(self.servers.index(owner) + 1) % _SHARDS]

    @contextmanager
    def passing(self, key: str, target: RedisServer) -> Iterator[list[bytes]]:
        """Pass the slot of a key on to another server: during the block it is under way, with no key moved yet.

        Gives the keys in it.
        """
        slot, source = slot_of(key), self.owner(key)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", self._id(source))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", self._id(target))
        yield source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1_000)
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1_000):
            self.migrate(source, target, *keys)
        for server in (target, source, *self.servers):
            server.ask("CLUSTER", "SETSLOT", slot, "NODE", self._id(target))

    def pass_on(self, key: str, target: RedisServer) -> None:
        """Pass the slot of a key on to another server."""
        with self.passing(key, target):
            pass

    def migrate(self, source: RedisServer, target: RedisServer, *keys: bytes) -> None:
        """Move keys whose slot is being passed on."""
        source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", *keys)

    def _id(self, server: RedisServer) -> str:
        return str(server.ask("CLUSTER", "MYID").decode())
