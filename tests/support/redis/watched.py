"""A master of Redis, its replica, and a sentinel that puts the one in the place of the other."""

from pathlib import Path
from typing import Any

from tests.support.conditions import wait_until
from tests.support.redis.servers import RedisSentinel, RedisServer


class Watched:
    """A master with a replica, and the sentinel that watches them.

    Args:
        folder: where they may write.
        settings: more lines of the configuration of both.
        patience: milliseconds after which a silent master is taken for dead.
    """

    def __init__(self, folder: Path, *settings: str, patience: int = 400) -> None:
        self.master = RedisServer(folder / "master", *settings)
        self.replica = RedisServer(folder / "replica", *settings, f"replicaof 127.0.0.1 {self.master.port}")
        self.sentinel = RedisSentinel(folder / "sentinel", self.master, patience=patience)

    def start(self) -> None:
        self.master.start()
        self.replica.start()
        wait_until(self.is_followed, what="the replica follows")
        self.sentinel.start()
        wait_until(lambda: self.sentinel_says("slaves=1"), what="the sentinel knows the replica")

    def stop(self) -> None:
        for each in (self.sentinel, self.replica, self.master):
            each.stop()

    @property
    def url(self) -> str:
        return f"sentinel://127.0.0.1:{self.sentinel.port}/chat"

    @property
    def hosts(self) -> list[Any]:
        return [{"sentinels": [("127.0.0.1", self.sentinel.port)], "master_name": "chat"}]

    def sentinel_says(self, what: str) -> bool:
        with self.sentinel.client() as client:
            return what in str(client.info("sentinel")["master0"]).replace("': '", "=").replace("': ", "=")

    def has_failed_over(self) -> bool:
        """Whether the replica is the master, and everybody is told so: the former one comes back too soon before."""
        with self.replica.client() as client:
            over = bool(client.info("replication")["role"] == "master")
        return over and self.sentinel_says(f"address=127.0.0.1:{self.replica.port}")

    def is_followed(self) -> bool:
        with self.master.client() as client:
            return "online" in str(client.info("replication").get("slave0"))

    def change_places(self) -> None:
        """After a failover: the replica is the master, and the former master will be its replica."""
        self.master, self.replica = self.replica, self.master

    def has_settled(self) -> bool:
        """Whether one is the master and the other follows; a sentinel of a busy machine may have changed its mind."""
        if self.sentinel_says(f"address=127.0.0.1:{self.replica.port}"):
            self.change_places()
        return self.is_followed()
