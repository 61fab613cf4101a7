"""The pub/sub layer in one event loop."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence

from lanchat.layers.errors import InvalidMessage
from lanchat.layers.mailbox import Letter, Mailbox
from lanchat.layers.message import EXCLUDED
from lanchat.layers.redis import wire
from lanchat.layers.redis.connection import Pipeline, TopicReader
from lanchat.layers.redis.session import Hook, LayerSession, Requests
from lanchat.layers.statistics import Counters

_log = logging.getLogger(__name__)


class PubSubSession(LayerSession):
    """Subscribes to the topics of this loop's channels and groups, and hands out what they bring.

    Args: as for `LayerSession`; and
        prefix: what the topics of groups begin with.
        expiry: seconds that a message waits for its reader at most.
        codec: how messages are written.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        prefix: str,
        expiry: float,
        codec: wire.Codec,
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
        self._codec = codec
        self._topics: dict[str, str] = {}
        self._readers = [
            TopicReader(pipeline.server, take=self._take, on_lost=self.lost, on_back=self.back)
            for pipeline in pipelines
        ]

    async def subscribed(self, topic: str) -> None:
        """Wait until messages to `topic` arrive. Raises LayerError when Redis cannot be reached now."""
        await self._reader(topic).subscribed(topic)

    def enrolment(self, group: str, channels: Iterable[str]) -> Requests:
        """Return the commands that note members of `group`, or renew them."""
        key, now = wire.roll_key(self._prefix, group), repr(time.time())
        scored = [each for channel in channels for each in (now, channel)]
        index = wire.shard_of(wire.group_topic(self._prefix, group), len(self.pipelines))
        oldest = repr(wire.cutoff(self._lease))
        return [
            (
                index,
                (
                    ("ZADD", key, *scored),
                    ("ZREMRANGEBYSCORE", key, "-inf", oldest),
                    ("EXPIRE", key, math.ceil(self._lease) * 2),
                ),
            )
        ]

    def renewal(self) -> Requests:
        """Return the commands that renew every membership of this loop's channels."""
        return [each for group, members in self.groups.items() for each in self.enrolment(group, members)]

    def farewell(self) -> Requests:
        """Return the commands that take this loop's members from the rolls."""
        count = len(self.pipelines)
        return [
            (
                wire.shard_of(wire.group_topic(self._prefix, group), count),
                (("ZREM", wire.roll_key(self._prefix, group), *members),),
            )
            for group, members in self.groups.items()
        ]

    def opened(self, mailbox: Mailbox) -> None:
        """Subscribe to a new channel."""
        self._reader(mailbox.name).subscribe(mailbox.name)

    def listening_changed(self, mailbox: Mailbox) -> None:
        """Nothing: what is published comes whether somebody listens or not."""

    def dropped(self, mailbox: Mailbox) -> None:
        """Unsubscribe from a channel that is no longer here."""
        self._reader(mailbox.name).unsubscribe(mailbox.name)

    def join(self, group: str, channel: str) -> bool:
        """Note a membership and subscribe to the group; False when it was known."""
        topic = wire.group_topic(self._prefix, group)
        if topic not in self._topics:
            self._topics[topic] = group
            self._reader(topic).subscribe(topic)
        return super().join(group, channel)

    def leave(self, group: str, channel: str) -> bool:
        """Forget a membership; the last member's ends the subscription. False when there was none here."""
        left = super().leave(group, channel)
        topic = wire.group_topic(self._prefix, group)
        if group not in self.groups and self._topics.pop(topic, None) is not None:
            self._reader(topic).unsubscribe(topic)
        return left

    async def disconnect(self) -> None:
        """End every subscription."""
        for reader in self._readers:
            await reader.close()

    def _reader(self, topic: str) -> TopicReader:
        return self._readers[wire.shard_of(topic, len(self._readers))]

    def _take(self, topic: str, body: bytes) -> None:
        group = self._topics.get(topic)
        names = list(self.groups.get(group, ())) if group is not None else [topic]
        boxes = [box for box in map(self.channels.get, names) if box is not None]
        if not boxes:
            return
        try:
            message = self._codec.decode(body)
        except InvalidMessage as error:
            self.counters.poisoned += 1
            _log.warning("Skipped what came in on %s: %s", topic, error)
            return
        excluded = message.pop(EXCLUDED, None)
        letter = Letter(message, time.monotonic() + self._expiry)
        for box in boxes:
            if box.name != excluded:
                box.deliver(letter)
