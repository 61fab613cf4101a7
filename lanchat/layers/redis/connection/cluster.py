"""A Redis Cluster: which of its servers has a key now.

https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ has what servers say of slots.
"""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, ResponseError

from lanchat.layers.redis.connection.connection import AWAY, Command, RedisConnection, RedisEndpoint, Reply
from lanchat.layers.redis.connection.hosts import Host, Place

_SLOTS = ("CLUSTER", "SLOTS")
_FRESH = 0.25
"""Seconds within which the servers are not asked again."""


class Cluster:
    """The masters of a cluster, and the slots that each of them has, as far as that was told.

    Args:
        host: of which `cluster` are some of its servers.
        timeout: seconds that connecting, and separately a reply, may take.
    """

    def __init__(self, host: Host, timeout: float) -> None:
        self.timeout = timeout
        self._host = host
        self._servers: dict[Place, RedisEndpoint] = {}
        self._owners: dict[int, Place] = {}
        self._outdated = True
        self._told_by: Place | None = None
        self._told_at = -math.inf
        self._looking = asyncio.Lock()

    def __str__(self) -> str:
        return self._host.label

    async def owners(self) -> dict[int, RedisEndpoint]:
        """Return the server that has each slot; at least one does. Raises what is in `AWAY`."""
        await self._look()
        if not self._owners:
            raise ClusterDownError("no server has any slot")
        return {slot: self.server(place) for slot, place in self._owners.items()}

    async def owner(self, key: str) -> RedisEndpoint:
        """Return the server that has a key. Raises what is in `AWAY`."""
        await self._look()
        place = self._owners.get(slot_of(key))
        if place is None:
            self.outdated()
            raise ClusterDownError("no server has this slot now")
        return self.server(place)

    def server(self, place: Place) -> RedisEndpoint:
        """Return the server at a place; always the same for one place."""
        if place not in self._servers:
            self._servers[place] = RedisEndpoint(self._host.at(place), self.timeout)
        return self._servers[place]

    def moved(self, error: AskError) -> RedisEndpoint:
        """Return the server to which one that has not a slot any more has pointed, and remember it."""
        place = self._owners[error.slot_id] = error.node_addr
        return self.server(place)

    def outdated(self) -> None:
        """Ask the servers anew before the next key is looked for: one has gone, and another may have its part."""
        self._outdated = True

    def owner_blocking(self, key: str) -> RedisEndpoint:
        """Return the server that has a key, without an event loop. Raises what is in `AWAY`."""
        failure: BaseException = ClusterDownError("it names no server")
        for place in self._host.cluster:
            try:
                (reply,) = self.server(place).ask_blocking([_SLOTS])
                return self.server(read_slots(reply, place)[slot_of(key)])
            except KeyError:
                failure = ClusterDownError("no server has this slot now")
            except AWAY as error:
                failure = error
        raise failure

    async def look(self) -> None:
        """Ask the servers which of them has which slots. Raises what is in `AWAY`."""
        self._owners = await self._told()
        self._outdated, self._told_at = False, time.monotonic()

    async def _look(self) -> None:
        """Ask the servers if what is known may be outdated, and not of just now."""
        async with self._looking:
            if self._outdated and time.monotonic() - self._told_at > _FRESH:
                await self.look()

    async def _told(self) -> dict[int, Place]:
        failure: BaseException = ClusterDownError("it names no server")
        known = [self._told_by] if self._told_by else []
        for place in dict.fromkeys([*known, *self._owners.values(), *self._host.cluster]):
            try:
                connection = await self.server(place).open()
                try:
                    (reply,) = await connection.ask(_SLOTS, timeout=self.timeout)
                finally:
                    await connection.close()
                owners = read_slots(reply, place)
            except AWAY as error:
                failure = error
            else:
                self._told_by = place
                return owners
        raise failure


class SlotEndpoint(RedisEndpoint):
    """Whichever server of a cluster has the keys of one hash tag: found anew with each connection.

    Args:
        host: of which `cluster` are some of its servers, and `key` is one of the keys.
        timeout: seconds that connecting, and separately a reply, may take.
    """

    def __init__(self, host: Host, timeout: float) -> None:
        super().__init__(host, timeout)
        self._key = host.key
        self._cluster = Cluster(host, timeout)

    async def open(self) -> RedisConnection:
        """As `RedisEndpoint.open`."""
        await self._cluster.look()
        return await (await self._cluster.owner(self._key)).open()

    def ask_blocking(self, commands: Sequence[Command]) -> list[Reply]:
        """As `RedisEndpoint.ask_blocking`."""
        return self._cluster.owner_blocking(self._key).ask_blocking(commands)


def slot_of(key: str) -> int:
    """Return the slot of a key."""
    return int(key_slot(key.encode()))


def read_slots(reply: Reply, asked: Place) -> dict[int, Place]:
    """Return the place of each slot's master, as CLUSTER SLOTS names it.

    Args:
        reply: to that command.
        asked: where the server is that has answered; a server that does not know its name means itself.

    Raises:
        ResponseError: it is no such reply.
    """
    if isinstance(reply, ResponseError):
        raise reply
    owners: dict[int, Place] = {}
    rows: Iterable[Any] = reply
    try:
        for first, last, (host, port, *_), *_ in rows:
            place = ((host or b"").decode() or asked[0], int(port))
            owners.update(dict.fromkeys(range(first, last + 1), place))
    except (TypeError, ValueError, AttributeError):
        raise ResponseError("it does not say which server has which slots") from None
    return owners
