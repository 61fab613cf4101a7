"""The queue layer in one event loop."""

import logging
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence

from lanchat.layers.errors import InvalidMessage
from lanchat.layers.mailbox import Letter, Mailbox
from lanchat.layers.message import TARGETS, Message
from lanchat.layers.redis import wire
from lanchat.layers.redis.connection import Pipeline
from lanchat.layers.redis.queue_reader import QueueReader
from lanchat.layers.redis.session import Hook, LayerSession, Requests
from lanchat.layers.statistics import Counters

_log = logging.getLogger(__name__)
_MOST_SEEN = 1024


class QueueSession(LayerSession):
    """Takes what is queued for this loop's channels from every server, and hands it out.

    Args: as for `LayerSession`; and
        prefix: what the names of keys begin with.
        expiry: seconds after which a message is too old.
        group_expiry: seconds until a group that nobody joins any more goes.
        codec: how messages are written.
        unique: whether no two messages have the same bytes.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        prefix: str,
        expiry: float,
        group_expiry: float,
        codec: wire.Codec,
        unique: bool,
        new_mailbox: Callable[[str, Callable[[Mailbox], None]], Mailbox],
        counters: Counters,
        lease: float,
        on_disconnect: Hook,
        on_reconnect: Hook,
    ) -> None:
        super().__init__(
            pipelines,
            new_mailbox=new_mailbox,
            counters=counters,
            lease=lease,
            on_disconnect=on_disconnect,
            on_reconnect=on_reconnect,
        )
        self._prefix = prefix
        self._expiry = expiry
        self._group_expiry = group_expiry
        self._codec = codec
        self._unique = unique
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._listening: set[str] = set()
        self._by_key: Counter[str] = Counter()
        self._own_keys: set[str] = set()
        self._wake = f"{prefix}specific.{self.client}!$wake"
        self._readers = [
            QueueReader(
                pipeline,
                wake=self._wake,
                keys=self._by_key,
                take=self.take,
                on_wrong_type=self._poisoned,
                on_lost=self.lost,
                on_back=self.back,
            )
            for pipeline in pipelines
        ]

    def owns(self, channel: str) -> bool:
        """Return whether `channel` may be received here: its name names this event loop, or none at all."""
        client = wire.client_of(channel)
        return client is None or client == self.client

    def enrolment(self, group: str, channels: Iterable[str], at: float) -> Requests:
        """Return the commands that note members of `group` as of the time `at`, in seconds since 1970."""
        key = wire.group_key(self._prefix, group)
        scored = [each for channel in channels for each in (repr(at), channel)]
        expire = ("EXPIRE", key, math.ceil(self._group_expiry))
        return [(wire.shard_of(group, len(self.pipelines)), (("ZADD", key, *scored), expire))]

    def renewal(self) -> Requests:
        """Return the commands that renew every membership of this loop's channels."""
        now = time.time()
        return [each for group, members in self.groups.items() for each in self.enrolment(group, members, now)]

    def farewell(self) -> Requests:
        """Return the commands that end this loop's memberships and delete its queues."""
        count = len(self.pipelines)
        leaving: Requests = []
        for group, members in self.groups.items():
            # A channel that other processes read as well stays a member.
            if ours := [channel for channel in members if "!" in channel]:
                command = ("ZREM", wire.group_key(self._prefix, group), *ours)
                leaving.append((wire.shard_of(group, count), (command,)))
        if self._own_keys:
            leaving += [(index, (("DEL", *sorted(self._own_keys)),)) for index in range(count)]
        return leaving

    def opened(self, mailbox: Mailbox) -> None:
        """Note the queue of a new channel."""
        self._own_keys.add(self._wake)
        if "!" in mailbox.name:
            self._own_keys.add(self._key(mailbox))

    def listening_changed(self, mailbox: Mailbox) -> None:
        """Read the channel's queue, or leave it, so that messages wait in Redis and its capacity counts."""
        if mailbox.listening == (mailbox.name in self._listening):
            return
        key = self._key(mailbox)
        if mailbox.listening:
            self._listening.add(mailbox.name)
            self._by_key[key] += 1
            for reader in self._readers:
                reader.wanted(key)
        else:
            self._listening.discard(mailbox.name)
            self._by_key[key] -= 1
            if not self._by_key[key]:
                del self._by_key[key]

    def dropped(self, mailbox: Mailbox) -> None:
        """Nothing: the queue is shared with the other channels of this loop."""

    async def disconnect(self) -> None:
        """End reading."""
        for reader in self._readers:
            await reader.close()

    def take(self, key: str, member: bytes, score: float, reader: QueueReader) -> None:
        """Hand out what was taken from a queue."""
        left = score + self._expiry - time.time()
        shared = not key.endswith("!")
        if left <= 0:
            self.counters.expired += 1
        elif shared and self._unique and self._is_repeated(member):
            _log.debug("Skipped a message that another process put back although it was handled here")
        elif (message := self._decoded(key, member)) is not None:
            channels = _targets(message.pop(TARGETS, None), key[len(self._prefix) :] if shared else None)
            if not channels:
                self._poisoned(key, "it names no channel")
            put_back = (lambda: self._put_back(key, member, score, reader)) if shared else None
            letter = Letter(message, time.monotonic() + min(left, self._expiry), put_back)
            for channel in channels:
                self._hand_out(channel, letter)

    def _hand_out(self, channel: str, letter: Letter) -> None:
        mailbox = self.channels.get(channel)
        if letter.put_back is not None and (mailbox is None or not mailbox.listening):
            letter.put_back()
        elif mailbox is None:
            self.counters.dropped += 1
        else:
            mailbox.deliver(letter)

    def _put_back(self, key: str, member: bytes, score: float, reader: QueueReader) -> None:
        """Return a message of a shared queue to whoever reads next, here or elsewhere."""
        self._seen.pop(member, None)
        reader.give_back(key, member, score, math.ceil(self._expiry))

    def _decoded(self, key: str, member: bytes) -> Message | None:
        try:
            return self._codec.decode(member)
        except InvalidMessage as error:
            self._poisoned(key, str(error))
            return None

    def _poisoned(self, key: str, reason: str) -> None:
        self.counters.poisoned += 1
        _log.warning("Skipped what came from the queue %s: %s", key, reason)

    def _is_repeated(self, member: bytes) -> bool:
        """Whether this very message was handled here: the originals may put back what they saw in flight."""
        if member in self._seen:
            return True
        self._seen[member] = None
        if len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return False

    def _key(self, mailbox: Mailbox) -> str:
        return self._prefix + wire.non_local(mailbox.name)


def _targets(given: object, otherwise: str | None) -> list[str]:
    match given:
        case str():
            return [given]
        case [*names] if all(isinstance(name, str) for name in names):
            return [str(name) for name in names]
        case None if otherwise is not None:
            return [otherwise]
    return []
