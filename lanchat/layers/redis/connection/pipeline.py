"""The commands of one event loop to one server."""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from lanchat.layers.errors import LayerError
from lanchat.layers.redis.connection.connection import (
    AWAY,
    Command,
    RedisConnection,
    RedisEndpoint,
    Reply,
    unreachable,
)
from lanchat.layers.redis.connection.way import Shard, Way

_log = logging.getLogger(__name__)
_MOST_AT_ONCE = 512


class Pipeline(Way):
    """One connection that everybody shares: what is asked while a reply is under way goes out together after it.

    It connects when it is needed and again after it broke. What was written is never written again: a caller whose
    message may or may not have arrived gets an error.

    Args:
        server: where it leads.
    """

    def __init__(self, server: RedisEndpoint) -> None:
        self.server = server
        self._waiting: list[_Call] = []
        self._connection: RedisConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = False

    def __str__(self) -> str:
        return str(self.server)

    async def replies(self, *commands: Command) -> list[Reply]:
        """As `Way.replies`."""
        return await self._enqueue(commands)

    def post(self, *commands: Command) -> None:
        """As `Way.post`."""
        self._enqueue(commands).add_done_callback(self._log_failure)

    async def servers(self, tag: str) -> Sequence[Shard]:
        """As `Way.servers`."""
        return [Shard(self, self.server, tag)]

    async def flush(self) -> None:
        """Wait until everything that was posted so far has gone, or has failed."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """As `Way.close`."""
        self._over = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._fail([], _closed())
        await self._disconnect()

    def _enqueue(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        call = _Call(commands, asyncio.get_running_loop().create_future())
        if self._over:  # a connection that is opened now would be closed by nobody
            call.replies.set_exception(_closed())
            return call.replies
        self._waiting.append(call)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return call.replies

    def _log_failure(self, replies: asyncio.Future[list[Reply]]) -> None:
        if replies.cancelled():
            return
        failures = [replies.exception()] if replies.exception() else replies.result()
        for failure in failures:
            if isinstance(failure, Exception):
                _log.debug("A command without an answer failed: %s", failure)

    async def _work(self) -> None:
        try:
            while self._waiting:
                calls, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                calls = [call for call in calls if not call.replies.done()]
                try:
                    await self._exchange(calls)
                except AWAY as error:
                    self._fail(calls, unreachable(self.server, error))
                    await self._disconnect()
                except BaseException:
                    self._fail(calls, _closed())
                    await self._disconnect()
                    raise
        finally:
            self._task = None

    async def _exchange(self, calls: "Sequence[_Call]") -> None:
        commands = [command for call in calls for command in call.commands]
        if not commands:
            return
        if self._connection is not None and await self._connection.stale():
            await self._disconnect()
        if self._connection is None:
            self._connection = await self.server.open()
        replies = await self._connection.ask(*commands, timeout=self.server.timeout)
        start = 0
        for call in calls:
            end = start + len(call.commands)
            if not call.replies.done():
                call.replies.set_result(replies[start:end])
            start = end

    def _fail(self, calls: "Sequence[_Call]", error: LayerError) -> None:
        waiting, self._waiting = self._waiting, []
        for call in [*calls, *waiting]:
            if not call.replies.done():
                call.replies.set_exception(error)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _closed() -> LayerError:
    return LayerError("The channel layer was closed.")


class _Call(NamedTuple):
    commands: Sequence[Command]
    replies: asyncio.Future[list[Reply]]
