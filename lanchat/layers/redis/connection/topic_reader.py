"""The topics that one event loop is subscribed to at one server."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import ResponseError

from lanchat.layers.errors import LayerError
from lanchat.layers.redis.connection.connection import AWAY, RedisConnection, RedisEndpoint, pauses, unreachable

_log = logging.getLogger(__name__)
_SILENCE = 10.0


class TopicReader:
    """A set of topics that stays subscribed across every outage.

    What is wanted is compared with what was requested on this connection, and the difference goes out in one command.
    One task reads, connects anew after a loss, and never ends before `close`.

    Args:
        server: whose topics.
        take: gets topic and body of each message.
        on_lost: called with the reason when a connection is lost.
        on_back: called when everything that is wanted is subscribed again.
        silence: seconds after which the server is asked whether it is there, and after as many more given up.
    """

    def __init__(
        self,
        server: RedisEndpoint,
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
        self._requested: set[str] = set()
        self._confirmed: set[str] = set()
        self._missing: set[str] | None = None
        self._waiters: dict[str, set[asyncio.Future[None]]] = {}
        self._connection: RedisConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._updater: asyncio.Task[None] | None = None
        self._was_up = False
        self._rests = pauses()

    def subscribe(self, topic: str) -> None:
        """Subscribe to `topic` now, or as soon as the server is there."""
        self._wanted.add(topic)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        self._update_soon()

    def unsubscribe(self, topic: str) -> None:
        """Unsubscribe from `topic`."""
        self._wanted.discard(topic)
        self._update_soon()

    async def subscribed(self, topic: str) -> None:
        """Wait until the server has confirmed the subscription to `topic`. Raises LayerError."""
        if topic in self._confirmed:
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
        tasks = [task for task in (self._reader, self._updater) if task is not None]
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
                self._requested, self._confirmed, self._missing = set(), set(), set(self._wanted)
                self._check_back()
                await self._update()
                await self._listen(self._connection)
            except AWAY as error:
                self._lost(error, opened=opened)
            except Exception as error:  # noqa: BLE001 - a reader that ends would leave every channel without messages
                _log.exception("Reading from Redis failed")
                self._lost(error, opened=opened)
            finally:
                await self._disconnect()
            await asyncio.sleep(next(self._rests))

    async def _listen(self, connection: RedisConnection) -> None:
        asked = False
        while True:
            reply = await connection.read(self._silence)
            if reply is None:
                if asked:
                    raise Disconnected("it has been silent for too long")
                await connection.write(("PING",))
                asked = True
                continue
            asked = False
            match reply:
                case [b"message", bytes() as topic, bytes() as body]:
                    self._deliver(topic.decode(errors="replace"), body)
                case [b"subscribe", bytes() as topic, _]:
                    self._confirm(topic.decode(errors="replace"))
                case [b"unsubscribe", bytes() as topic, _]:
                    self._confirmed.discard(topic.decode(errors="replace"))
                case ResponseError():
                    raise reply

    def _deliver(self, topic: str, body: bytes) -> None:
        try:
            self._take(topic, body)
        except Exception:  # noqa: BLE001 - one message must not end the reader
            _log.exception("A message from Redis could not be handed out")

    def _confirm(self, topic: str) -> None:
        self._confirmed.add(topic)
        self._rests = pauses()
        for waiter in self._waiters.pop(topic, ()):
            if not waiter.done():
                waiter.set_result(None)
        if self._missing is not None:
            self._missing.discard(topic)
            self._check_back()

    def _check_back(self) -> None:
        """Report that everything is subscribed again, once for each loss."""
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

    def _update_soon(self) -> None:
        if self._connection is not None and self._updater is None:
            self._updater = asyncio.create_task(self._update_later())

    async def _update_later(self) -> None:
        try:
            await self._update()
        except AWAY:
            await self._disconnect()  # the reader sees it and connects anew
        finally:
            self._updater = None
        if self._wanted != self._requested:
            self._update_soon()

    async def _update(self) -> None:
        more, less = sorted(self._wanted - self._requested), sorted(self._requested - self._wanted)
        self._requested = set(self._wanted)
        if self._connection is None or not (more or less):
            return
        commands = [("SUBSCRIBE", *more)] * bool(more) + [("UNSUBSCRIBE", *less)] * bool(less)
        await self._connection.write(*commands)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._confirmed = set()
        if connection is not None:
            await connection.close()

    def _fail_waiters(self, error: LayerError) -> None:
        for waiters in self._waiters.values():
            for waiter in waiters:
                with contextlib.suppress(asyncio.InvalidStateError):
                    waiter.set_exception(error)
