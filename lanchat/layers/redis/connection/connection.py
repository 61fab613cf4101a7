"""Servers and connections: the only module that knows how redis-py is called.

redis-py opens, authenticates and parses; it repeats nothing and limits no reading here. A command that was written is
not written again, because a repeated publish is a message twice; and how long a reply may take, the caller decides.
"""

import asyncio
import contextlib
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import redis
import redis.asyncio.connection as aio
import redis.asyncio.sentinel as aio_sentinel
import redis.connection as plain
import redis.sentinel as plain_sentinel
from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from lanchat.layers.errors import LayerError, LayerUnreachable
from lanchat.layers.redis.connection.hosts import Host

Command = tuple[str | bytes | int | float, ...]
Reply = Any
"""An int, bytes, a list of these, None, or a ResponseError that the server answered with."""

AWAY = (RedisError, OSError)
"""What is raised when a server cannot be reached, goes away or does not answer in time."""

Raw = Any
"""A connection of redis-py; its methods have no types."""

_ASYNC: dict[str, Any] = {"tcp": aio.Connection, "tls": aio.SSLConnection, "unix": aio.UnixDomainSocketConnection}
_PLAIN: dict[str, Any] = {
    "tcp": plain.Connection,
    "tls": plain.SSLConnection,
    "unix": plain.UnixDomainSocketConnection,
}
_sentinels_async: Any = aio_sentinel.Sentinel
_sentinels_plain: Any = plain_sentinel.Sentinel
_pool_async: Any = aio_sentinel.SentinelConnectionPool
_pool_plain: Any = plain_sentinel.SentinelConnectionPool
_RESP2 = 2


def unreachable(server: object, error: BaseException) -> LayerUnreachable:
    """Return the error for a sender whose message did not get to `server`."""
    reason = str(error).rstrip(".") or "it did not answer in time"
    if isinstance(error, AuthenticationError):
        return LayerUnreachable(
            f"Redis at {server} lets nobody in by this name and password: {reason}. Correct them in its URL."
        )
    return LayerUnreachable(f"Redis at {server} cannot be reached now: {reason}.")


def refused(server: object, error: ResponseError) -> LayerError:
    """Return the error for a command that `server` answered with an error, and what would be right."""
    reason = str(error).rstrip(".")
    kind = LayerError
    match error:
        case OutOfMemoryError():
            what = f"has no memory left: {reason}. It keeps nothing more until it has."
        case NoPermissionError():
            what = f"refused: {reason}. Give this user the right to do that."
        case ReadOnlyError():
            what = "is a read-only replica; name the master, or its sentinels."
        case TryAgainError() | ClusterDownError():
            kind, what = LayerUnreachable, f"cannot do that just now: {reason}."
        case AskError():
            kind = LayerUnreachable
            what = f"has that elsewhere in its cluster: {reason}. The URL of a cluster begins with cluster://."
        case _ if reason.startswith("WRONGTYPE"):
            what = f"holds something else under our names: {reason}. Choose another prefix."
        case _:
            what = f"refused: {reason}."
    return kind(f"Redis at {server} {what}")


def pauses(first: float = 0.05, most: float = 1.0) -> Iterator[float]:
    """Return how long to wait before each next attempt, in seconds: twice as long each time, up to `most`."""
    while True:
        yield first * random.uniform(0.75, 1.25)
        first = min(most, first * 2)


class RedisEndpoint:
    """One Redis server, or the master of a group that sentinels watch.

    Args:
        host: where it is.
        timeout: seconds that connecting, and separately a reply, may take.
    """

    def __init__(self, host: Host, timeout: float) -> None:
        self.timeout = timeout
        self._host = host

    def __str__(self) -> str:
        return self._host.label

    async def open(self) -> "RedisConnection":
        """Connect anew. Raises what is in `AWAY`, at the latest after the timeout."""
        pool, sentinel = self._async_pool()
        raw = pool.make_connection()
        try:
            async with asyncio.timeout(self.timeout):
                await raw.connect()
        except BaseException:
            await _shut(raw)
            raise
        finally:
            if sentinel is not None:
                with contextlib.suppress(*AWAY):
                    await sentinel.aclose()
        return RedisConnection(raw, pool)

    def ask_blocking(self, commands: Sequence[Command]) -> list[Reply]:
        """Connect, send, read the replies and disconnect, without an event loop. Raises what is in `AWAY`."""
        pool, sentinels = self._plain_pool()
        raw = pool.make_connection()
        try:
            raw.connect()
            raw.send_packed_command(raw.pack_commands(commands), check_health=False)
            return [_plain_reply(raw) for _ in commands]
        finally:
            raw.disconnect()
            for each in sentinels:
                each.connection_pool.disconnect()

    def _async_pool(self) -> tuple[Any, Any]:
        host = self._host
        # No limit of redis-py's own: each reply is limited by who waits for it, a blocking read by what it asked for.
        options = {**host.options, "protocol": _RESP2, "socket_timeout": None, "socket_connect_timeout": self.timeout}
        if not host.sentinels:
            return aio.ConnectionPool(connection_class=_ASYNC[host.transport], **options), None
        sentinel = _sentinels_async(host.sentinels, sentinel_kwargs=self._sentinel_options())
        if host.transport == "tls":
            options["ssl"] = True
        return _pool_async(host.master, sentinel, **options), sentinel

    def _plain_pool(self) -> tuple[Any, list[Any]]:
        host = self._host
        limits = {"socket_timeout": self.timeout, "socket_connect_timeout": self.timeout}
        options = {**host.options, "protocol": _RESP2, **limits}
        if not host.sentinels:
            return plain.ConnectionPool(connection_class=_PLAIN[host.transport], **options), []
        sentinel = _sentinels_plain(host.sentinels, sentinel_kwargs=self._sentinel_options())
        if host.transport == "tls":
            options["ssl"] = True
        return _pool_plain(host.master, sentinel, **options), list(sentinel.sentinels)

    def _sentinel_options(self) -> dict[str, Any]:
        share = self.timeout / (len(self._host.sentinels) + 1)
        limits = {"socket_timeout": share, "socket_connect_timeout": share, "retry": None, "protocol": _RESP2}
        return {**limits, **self._host.sentinel_options}


class RedisConnection:
    """One open connection.

    Args:
        raw: redis-py's connection.
        pool: what made it; it is asked for the master again, so it has to live as long.
    """

    def __init__(self, raw: Raw, pool: object) -> None:
        self._raw = raw
        self._pool = pool

    async def stale(self) -> bool:
        """Return whether the server has gone, as far as is known already, or left replies that nobody asked for."""
        return not self._raw.is_connected or bool(await self._raw.can_read())

    async def write(self, *commands: Command) -> None:
        """Write `commands` and read nothing."""
        if not self._raw.is_connected:
            raise redis.ConnectionError("the connection is closed")
        await self._raw.send_packed_command(self._raw.pack_commands(commands), check_health=False)

    async def ask(self, *commands: Command, timeout: float) -> list[Reply]:  # noqa: ASYNC109 - a reply has its own
        """Write `commands` together and return their replies. Raises what is in `AWAY`."""
        async with asyncio.timeout(timeout):
            await self.write(*commands)
            replies = [await self._reply(math.inf) for _ in commands]
        if any(isinstance(reply, ReadOnlyError | MovedError) for reply in replies):
            await self.close()  # another one is the master, or has the key: the next connection looks for it
        return replies

    async def read(self, timeout: float) -> Reply:  # noqa: ASYNC109 - passed on to redis-py, which keeps half a reply
        """Return the next thing that the server sends; None when it sends nothing for `timeout` seconds."""
        return await self._reply(timeout)

    async def close(self) -> None:
        """Disconnect; safe to call again."""
        await _shut(self._raw)

    async def _reply(self, timeout: float) -> Reply:  # noqa: ASYNC109
        try:
            return await self._raw.read_response(disable_decoding=True, timeout=timeout)
        except ResponseError as error:
            return error


async def _shut(raw: Raw) -> None:
    with contextlib.suppress(*AWAY):
        await raw.disconnect(nowait=True)


def _plain_reply(raw: Raw) -> Reply:
    try:
        return raw.read_response(disable_decoding=True)
    except ResponseError as error:
        return error
