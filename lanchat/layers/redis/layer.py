"""What both Redis layers have in common: settings, receiving, and sending with and without an event loop."""

import abc
import asyncio
import time
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, Unpack

from redis.exceptions import ResponseError

from lanchat.layers.base import BaseChannelLayer, LayerOptions
from lanchat.layers.history import HistoryBounds, HistoryPage, Position
from lanchat.layers.mailbox import Mailbox, Receiver
from lanchat.layers.message import Message
from lanchat.layers.overflow import Overflow
from lanchat.layers.redis import wire
from lanchat.layers.redis.connection import AWAY, Pipeline, Reply, refused, servers_of, unreachable
from lanchat.layers.redis.history import RedisHistory
from lanchat.layers.redis.loops import Loops
from lanchat.layers.redis.session import Hook, LayerSession, Requests
from lanchat.layers.redis.steps import Steps, literally, scanning
from lanchat.layers.redis.wire import Codec

_TICK = 1e-6

S = TypeVar("S", bound=LayerSession)
T = TypeVar("T")


class RedisOptions(LayerOptions, total=False):
    """The settings of both Redis layers, by the names of the arguments of `RedisLayer`."""

    prefix: str
    lease: float
    timeout: float
    on_disconnect: Hook
    on_reconnect: Hook


class RedisLayer(BaseChannelLayer, Generic[S]):
    """The common part of `RedisPubSubChannelLayer` and `RedisChannelLayer`.

    A full mailbox in this process drops the oldest message unless `overflow` asks for another policy.

    Args: as for `BaseChannelLayer`; but `group_expiry` counts for memberships of the originals, which they never renew.
        hosts: the servers; see `hosts_of`. Names are spread over them.
        prefix: what the names of keys and topics begin with.
        lease: seconds after which our memberships end when their process does not renew them.
        timeout: seconds that connecting, and separately a reply of Redis, may take.
        on_disconnect: a message's type, sent to every channel here when Redis is lost, or a function to call then.
        on_reconnect: the same for when it is back: what was sent meanwhile was missed, so repair.
    """

    usual_overflow = Overflow.DROP_OLDEST
    usual_format = "msgpack"

    _codec: Codec
    """How messages are written that are sent."""
    _recorder: Codec
    """How messages are written that are kept: they are as old as they are."""

    def __init__(
        self,
        hosts: object,
        *,
        prefix: str = "asgi",
        lease: float = 60,
        timeout: float = 5,
        on_disconnect: Hook = None,
        on_reconnect: Hook = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not isinstance(prefix, str):
            raise TypeError(f"prefix is a string, not {type(prefix).__name__}.")
        self.prefix = prefix
        self.lease = lease
        self.servers = servers_of(hosts, timeout)
        self._hooks = (on_disconnect, on_reconnect)
        self._last = 0.0
        self._loops: Loops[S] = Loops(self._new_session)

    async def send(self, channel: str, message: Message) -> None:
        """Put `message` into `channel`.

        Raises:
            ChannelFull: it holds its capacity already (queue layer only).
            LayerError: Redis cannot be reached now, or refused.
        """
        self.require_valid_channel_name(channel)
        steps = self._sending(channel, self.require_valid_message(message, "channel", channel))
        await self._carry_out(steps)
        self.counters.sent += 1

    async def group_send(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """Send to every member but `exclude`; one without room misses it. Raises what `send` does, but ChannelFull."""
        self.require_valid_group_name(group)
        await self._carry_out(self._telling(group, self.require_valid_message(message, "group", group), exclude))
        self.counters.sent += 1

    def send_sync(self, channel: str, message: Message) -> None:
        """The same as `send`, blocking, for scripts and worker processes without an event loop; keeps nothing open."""
        self.require_valid_channel_name(channel)
        self._carry_out_blocking(self._sending(channel, self.require_valid_message(message, "channel", channel)))
        self.counters.sent += 1

    def group_send_sync(self, group: str, message: Message, *, exclude: str | None = None) -> None:
        """The same as `group_send`, blocking, for scripts and worker processes without an event loop."""
        self.require_valid_group_name(group)
        steps = self._telling(group, self.require_valid_message(message, "group", group), exclude)
        self._carry_out_blocking(steps)
        self.counters.sent += 1

    async def group_members(self, group: str) -> list[str]:
        """Return the channels in `group` whose processes live, sorted."""
        self.require_valid_group_name(group)
        return await self._carry_out(self._listing(group))

    async def receive(self, channel: str) -> Message:
        """Wait for the next message of `channel`. Each message goes to one reader; cancelling loses none.

        It waits on while Redis is away. Raises LayerError when the channel is another event loop's or process's.
        """
        # A name that has a mailbox is valid and ours; finding that out again takes a fifth of what a message costs.
        mailbox = self._loops.current().channels.get(channel)
        if mailbox is None:
            mailbox = self._own_mailbox(self.require_valid_channel_name(channel))
        return await mailbox.get()

    def attach(self, channel: str, receiver: Receiver) -> None:
        """Push: from now on hand the messages of `channel` to `receiver` instead of keeping them for `receive`."""
        self.require_valid_channel_name(channel)
        self._own_mailbox(channel).attach(receiver)

    def detach(self, channel: str) -> None:
        """End the channel here: its receiver or readers, what waits for them, and all its memberships."""
        session = self._loops.existing()
        if session is None:
            return
        for group in session.drop(channel):
            session.post(self._leaving(group, channel))

    async def flush(self) -> None:
        """Drop every message and every membership under this prefix; the layer stays usable."""
        await self._loops.everywhere(_clear)
        await self._carry_out(self._flushing())
        await self._carry_out(self._forgetting())

    async def close(self) -> None:
        """Release what the layer holds: its memberships, connections and tasks. Waiting receivers are cancelled.

        The messages and members of other processes stay.
        """
        await self._loops.close()

    @abc.abstractmethod
    def _new_session(self) -> S: ...

    @abc.abstractmethod
    def _sending(self, channel: str, message: Message) -> Steps[None]: ...

    @abc.abstractmethod
    def _group_sending(self, group: str, message: Message, exclude: str | None) -> Steps[None]: ...

    @abc.abstractmethod
    def _listing(self, group: str) -> Steps[list[str]]: ...

    @abc.abstractmethod
    def _flushing(self) -> Steps[None]: ...

    def _forgetting(self) -> Steps[None]:
        for index in range(len(self.servers)):
            kept = yield from scanning(index, f"{literally(self.prefix)}:history:*")
            if kept:
                yield [(index, (("DEL", *kept),))]

    @abc.abstractmethod
    def _leaving(self, group: str, channel: str) -> Requests: ...

    def _telling(self, group: str, message: Message, exclude: str | None) -> Steps[None]:
        if self.history and (bounds := self.get_history_bounds(group)):
            position = yield from self._kept(group, bounds).recording(self._recorder.encode(message, "group", group))
            message = position.put_on(message)
        yield from self._group_sending(group, message, exclude)

    async def _history(self, group: str, kept: HistoryBounds, since: Position | None, limit: int) -> HistoryPage:
        return await self._carry_out(self._kept(group, kept).reading(self._recorder, since, limit))

    def _kept(self, group: str, bounds: HistoryBounds) -> RedisHistory:
        return RedisHistory(wire.shard_of(group, len(self.servers)), wire.history_keys(self.prefix, group), bounds)

    def _own_mailbox(self, channel: str) -> Mailbox:
        return self._loops.current().mailbox(channel)

    def _now(self) -> float:
        """Return the time in seconds since 1970, later than every time given before: it orders what is sent."""
        self._last = max(time.time(), self._last + _TICK)
        return self._last

    def _new_codec(self, keys: Sequence[str | bytes] | None, prefix_length: int = 0, ttl: int | None = None) -> Codec:
        return Codec(self.serializer_format, keys=keys or (), prefix_length=prefix_length, ttl=ttl)

    def _new_pipelines(self) -> Sequence[Pipeline]:
        return [Pipeline(server) for server in self.servers]

    async def _carry_out(self, steps: Steps[T]) -> T:
        pipelines = self._loops.current().pipelines
        try:
            requests = next(steps)
            while True:
                asked = [pipelines[index].ask(*commands) for index, commands in requests]
                if len(asked) == 1:
                    replies: list[Any] = [await asked[0]]
                else:
                    replies = await asyncio.gather(*asked, return_exceptions=True)
                    for reply in replies:
                        if isinstance(reply, BaseException):
                            raise reply
                requests = steps.send(replies)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _carry_out_blocking(self, steps: Steps[T]) -> T:
        try:
            requests = next(steps)
            while True:
                requests = steps.send([self._ask_blocking(index, commands) for index, commands in requests])
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _ask_blocking(self, index: int, commands: Sequence[Any]) -> list[Reply]:
        server = self.servers[index]
        try:
            replies = server.ask_blocking(commands)
        except AWAY as error:
            raise unreachable(server, error) from error
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise refused(server, reply)
        return replies


async def _clear(session: LayerSession) -> None:
    session.clear()
