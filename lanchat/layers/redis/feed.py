"""What one event loop hears from one server by SUBSCRIBE."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import ResponseError

from lanchat.errors import LayerError
from lanchat.layers.redis.connection import AWAY, RedisConnection, Server, pauses, unreachable

_log = logging.getLogger(__name__)
_SILENCE = 10.0


class Feed:
    """A set of topics that stays subscribed across every outage.

    What is wanted is compared with what this connection was told, and the difference goes out in one command. One task
    reads, connects anew after a loss, and never ends before `close`.

    Args:
        server: whose topics.
        take: gets topic and body of each message.
        on_lost: told why, when a connection was lost.
        on_back: called when the next one hears everything that is wanted.
        silence: seconds after which the server is asked whether it is there, and after as many more given up.
    """

    def __init__(
        self,
        server: Server,
        *,
        take: Callable[[str, bytes], None],
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
        silence: float = _SILENCE,
    ) -> None:
        self._server = server
        self._take = take
        self._on_lost = on_lost
        self._on_back = on_back
        self._silence = silence
        self._wanted: set[str] = set()
        self._told: set[str] = set()
        self._heard: set[str] = set()
        self._missing: set[str] | None = None
        self._waiters: dict[str, set[asyncio.Future[None]]] = {}
        self._connection: RedisConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._teller: asyncio.Task[None] | None = None
        self._was_up = False
        self._rests = pauses()

    def want(self, topic: str) -> None:
        """Hear `topic` from now on, or as soon as the server is there."""
        self._wanted.add(topic)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        self._tell_soon()

    def unwant(self, topic: str) -> None:
        """Hear `topic` no more."""
        self._wanted.discard(topic)
        self._tell_soon()

    async def heard(self, topic: str) -> None:
        """Wait until the server has confirmed that `topic`, which is wanted, is heard. Else raises LayerError."""
        if topic in self._heard:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(topic, set()).add(waiter)
        try:
            async with asyncio.timeout(self._server.timeout * 2):
                await waiter
        except TimeoutError as error:
            raise unreachable(self._server, error) from None
        finally:
            waiters = self._waiters.get(topic, set())
            waiters.discard(waiter)
            if not waiters:
                self._waiters.pop(topic, None)

    async def close(self) -> None:
        """End the task and disconnect."""
        tasks = [task for task in (self._reader, self._teller) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._fail_waiters(LayerError("The channel layer was closed."))

    async def _read(self) -> None:
        while True:
            opened = False
            try:
                self._connection = await self._server.open()
                opened = True
                self._told, self._heard, self._missing = set(), set(), set(self._wanted)
                self._check_back()
                await self._tell()
                await self._listen(self._connection)
            except AWAY as error:
                self._lost(error, opened=opened)
            except Exception as error:  # noqa: BLE001 - a reader that ends would leave everybody deaf
                _log.exception("Reading from Redis failed")
                self._lost(error, opened=opened)
            finally:
                await self._disconnect()
            await asyncio.sleep(next(self._rests))

    async def _listen(self, connection: RedisConnection) -> None:
        asked = False
        while True:
            reply = await connection.hear(self._silence)
            if reply is None:
                if asked:
                    raise Disconnected("it has been silent for too long")
                await connection.tell(("PING",))
                asked = True
                continue
            asked = False
            match reply:
                case [b"message", bytes() as topic, bytes() as body]:
                    self._deliver(topic.decode(errors="replace"), body)
                case [b"subscribe", bytes() as topic, _]:
                    self._confirm(topic.decode(errors="replace"))
                case [b"unsubscribe", bytes() as topic, _]:
                    self._heard.discard(topic.decode(errors="replace"))
                case ResponseError():
                    raise reply

    def _deliver(self, topic: str, body: bytes) -> None:
        try:
            self._take(topic, body)
        except Exception:  # noqa: BLE001 - one message must not end the feed
            _log.exception("A message from Redis could not be handed out")

    def _confirm(self, topic: str) -> None:
        self._heard.add(topic)
        self._rests = pauses()
        for waiter in self._waiters.pop(topic, ()):
            if not waiter.done():
                waiter.set_result(None)
        if self._missing is not None:
            self._missing.discard(topic)
            self._check_back()

    def _check_back(self) -> None:
        """Say that everything is heard again, once for each loss."""
        if self._missing is None or self._missing & self._wanted:
            return
        self._missing = None
        if not self._was_up:
            self._was_up = True
        else:
            self._on_back()

    def _lost(self, error: BaseException, *, opened: bool) -> None:
        self._fail_waiters(unreachable(self._server, error))
        if opened and self._missing is None:
            self._on_lost(error)
        else:
            _log.debug("Redis at %s is not there: %s", self._server, error)

    def _tell_soon(self) -> None:
        if self._connection is not None and self._teller is None:
            self._teller = asyncio.create_task(self._tell_later())

    async def _tell_later(self) -> None:
        try:
            await self._tell()
        except AWAY:
            await self._disconnect()  # the reader sees it and connects anew
        finally:
            self._teller = None
        if self._wanted != self._told:
            self._tell_soon()

    async def _tell(self) -> None:
        more, less = sorted(self._wanted - self._told), sorted(self._told - self._wanted)
        self._told = set(self._wanted)
        if self._connection is None or not (more or less):
            return
        commands = [("SUBSCRIBE", *more)] * bool(more) + [("UNSUBSCRIBE", *less)] * bool(less)
        await self._connection.tell(*commands)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._heard = set()
        if connection is not None:
            await connection.close()

    def _fail_waiters(self, error: LayerError) -> None:
        for waiters in self._waiters.values():
            for waiter in waiters:
                with contextlib.suppress(asyncio.InvalidStateError):
                    waiter.set_exception(error)
