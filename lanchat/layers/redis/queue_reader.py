"""The queues of one server, as one event loop reads them."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from redis.exceptions import ResponseError

from lanchat.layers.redis.connection import AWAY, Command, Pipeline, RedisConnection, Reply, pauses

_log = logging.getLogger(__name__)
_BLOCK = 5
_AT_ONCE = 100
_WAKE_LASTS = 60
_ASIDE = 1
_GOODBYE = 1.0


class QueueReader:
    """One task with one connection that waits for all queues at once, as long as somebody listens.

    Taking waits inside Redis, so a queue that is wanted meanwhile cannot be added. Another connection then puts a mark
    into a queue of our own that is always among the awaited ones.

    Args:
        pipeline: the commands to the same server.
        wake: key of the queue for that mark.
        keys: the queues that somebody listens to now; its owner changes it.
        take: gets key, member and score of each message, and this reader.
        on_wrong_type: called with a key that holds no queue, and the reason.
        on_lost: called with the reason when the connection is lost.
        on_back: called when the next one is there.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        wake: str,
        keys: Mapping[str, int],
        take: "Callable[[str, bytes, float, QueueReader], None]",
        on_wrong_type: Callable[[str, str], None],
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._wake = wake
        self._keys = keys
        self._take = take
        self._on_wrong_type = on_wrong_type
        self._on_lost = on_lost
        self._on_back = on_back
        self._awaited: frozenset[str] | None = None
        self._returns: list[Command] = []
        self._aside: dict[str, float] = {}
        self._any = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._was_up = False
        self._is_up = False
        self._closing = False
        self._turn = 0
        self._rests = pauses()

    def wanted(self, key: str) -> None:
        """Somebody listens to the queue `key` from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._any.set()
        if self._awaited is not None and key not in self._awaited:
            self._awaited = None
            self._pipeline.post(*self._mark())

    def give_back(self, key: str, member: bytes, score: float, expiry: int) -> None:
        """Put a message back into a shared queue, before anything else is taken from it here."""
        commands = (("ZADD", key, repr(score), member), ("EXPIRE", key, expiry))
        if self._awaited is not None or self._task is None or self._task.done():
            self._pipeline.post(*commands)
        else:
            self._returns += commands
            self._any.set()

    async def close(self) -> None:
        """End the task and disconnect; first let it come back with what it may just be taking from a shared queue."""
        if self._task is None:
            return
        self._closing = True
        if any(not key.endswith("!") for key in self._awaited or ()):
            self._pipeline.post(*self._mark())
            await asyncio.wait([self._task], timeout=_GOODBYE)
        self._task.cancel()
        await asyncio.wait([self._task])
        self._pipeline.post(*self._returns)

    def _mark(self) -> tuple[Command, Command]:
        return ("ZADD", self._wake, 0, "wake"), ("EXPIRE", self._wake, _WAKE_LASTS)

    async def _run(self) -> None:
        while not self._closing:
            connection: RedisConnection | None = None
            try:
                await self._anything()
                connection = await self._pipeline.server.open()
                await self._answer(connection, ("PING",))
                self._up()
                await self._serve(connection)
            except AWAY as error:
                self._lost(error)
            except Exception as error:  # noqa: BLE001 - a reader that ends would leave every channel without messages
                _log.exception("Reading from Redis failed")
                self._lost(error)
            finally:
                self._awaited = None
                if connection is not None:
                    await connection.close()
            if not self._closing:
                await asyncio.sleep(next(self._rests))

    async def _serve(self, connection: RedisConnection) -> None:
        while not self._closing:
            await self._next(connection)
            self._rests = pauses()

    async def _next(self, connection: RedisConnection) -> None:
        await self._anything()
        if self._returns:
            await self._return(connection)
            return
        keys = self._in_turn()
        if not keys:  # all were put aside
            await asyncio.sleep(_ASIDE)
            return
        self._awaited = frozenset(keys)
        block = _BLOCK if len(keys) == len(self._keys) else _ASIDE
        limit = block + self._pipeline.server.timeout
        [reply] = await connection.ask(("BZPOPMIN", self._wake, *keys, block), timeout=limit)
        self._awaited = None
        if isinstance(reply, ResponseError):
            if not str(reply).startswith("WRONGTYPE"):
                raise reply
            await self._put_aside(connection, keys)
        elif reply is not None:
            name, member, score = reply
            key = name.decode(errors="replace")
            if key != self._wake:
                self._give(key, member, score)
                if key.endswith("!"):
                    await self._drain(connection, key)

    async def _return(self, connection: RedisConnection) -> None:
        returns, self._returns = self._returns, []
        try:
            await connection.ask(*returns, timeout=self._pipeline.server.timeout)
        except BaseException:
            self._returns = returns + self._returns
            raise

    async def _drain(self, connection: RedisConnection, key: str) -> None:
        """Take what else is in a queue that only we read; of a shared one, one message for each that is wanted."""
        while key in self._keys:
            found = await self._answer(connection, ("ZPOPMIN", key, _AT_ONCE))
            for member, score in zip(found[::2], found[1::2], strict=True):
                self._give(key, member, score)
            if len(found) < 2 * _AT_ONCE:
                return
            await asyncio.sleep(0)

    def _give(self, key: str, member: bytes, score: bytes) -> None:
        try:
            self._take(key, member, float(score), self)
        except Exception:  # noqa: BLE001 - one message must not end the reader
            _log.exception("A message from Redis could not be handed out")

    async def _put_aside(self, connection: RedisConnection, keys: list[str]) -> None:
        """Leave out for a while the keys that hold something else; one that is ours alone is deleted."""
        kinds = await connection.ask(*(("TYPE", key) for key in keys), timeout=self._pipeline.server.timeout)
        until = asyncio.get_running_loop().time() + _ASIDE
        for key, kind in zip(keys, kinds, strict=True):
            if kind in (b"zset", b"none"):
                self._aside.pop(key, None)
            elif key.endswith("!"):
                await self._answer(connection, ("DEL", key))
                self._on_wrong_type(key, "it was of a wrong type and was deleted")
            else:
                if key not in self._aside:
                    self._on_wrong_type(key, "it is of a wrong type")
                self._aside[key] = until

    async def _anything(self) -> None:
        while not (self._keys or self._returns):
            self._any.clear()
            await self._any.wait()

    def _in_turn(self) -> list[str]:
        """Return the queues to wait for, each time another one in front: Redis serves the first that has something."""
        now = asyncio.get_running_loop().time()
        keys = [key for key in self._keys if self._aside.get(key, 0) <= now]
        self._turn += 1
        start = self._turn % len(keys) if keys else 0
        return keys[start:] + keys[:start]

    async def _answer(self, connection: RedisConnection, command: Command) -> Reply:
        [reply] = await connection.ask(command, timeout=self._pipeline.server.timeout)
        if isinstance(reply, ResponseError):
            raise reply
        return reply

    def _up(self) -> None:
        self._is_up = True
        if self._was_up:
            self._on_back()
        self._was_up = True

    def _lost(self, error: BaseException) -> None:
        if self._is_up:
            self._is_up = False
            self._on_lost(error)
        else:
            _log.debug("Redis at %s is not there: %s", self._pipeline.server, error)
