"""The channel layer on PUBLISH and SUBSCRIBE: quick and simple; who does not listen just then misses the message."""

import uuid
from collections.abc import Sequence
from typing import Unpack

from lanchat.layers.errors import LayerError
from lanchat.layers.message import EXCLUDED, Message
from lanchat.layers.redis import wire
from lanchat.layers.redis.layer import RedisLayer, RedisOptions
from lanchat.layers.redis.pubsub_session import PubSubSession
from lanchat.layers.redis.session import Requests
from lanchat.layers.redis.steps import Steps, literally, scanning


class RedisPubSubChannelLayer(RedisLayer[PubSubSession]):
    """Channels and groups across processes, by Redis's topics.

    It exchanges messages with the layers of the same name of channels_redis and Fast Channels, in both directions.
    Beside their topics it keeps one key for each group, of its own members, for `group_members`.

    A channel can only join groups in the event loop that it belongs to: the one that made it by `new_channel`, attaches
    or receives it. Messages to a channel that several processes receive reach all of them, as with the originals.

    Args: as for `RedisLayer`; and
        symmetric_encryption_keys: passphrases; the first encrypts, all decrypt.
    """

    def __init__(
        self,
        hosts: object = None,
        *,
        symmetric_encryption_keys: Sequence[str | bytes] | None = None,
        **options: Unpack[RedisOptions],
    ) -> None:
        super().__init__(hosts, **options)
        self._codec = self._recorder = self._new_codec(symmetric_encryption_keys)

    async def new_channel(self, prefix: str = "specific") -> str:
        """Return a name that no other channel has, and listen to it. Raises LayerError when Redis is not there now."""
        session = self._loops.current()
        dot = "" if prefix.endswith(".") else "."
        ours = self.prefix.strip("{}")  # the braces of a cluster are for keys, and a channel is a topic
        channel = self.require_valid_channel_name(f"{ours}{prefix}{dot}{uuid.uuid4().hex}")
        session.mailbox(channel)
        try:
            await session.subscribed(channel)
        except BaseException:
            session.drop(channel)
            raise
        return channel

    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership; messages sent after this returns arrive.

        Raises:
            LayerError: the channel is not one of this event loop, or Redis cannot be reached now.
        """
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        session = self._loops.current()
        if channel not in session.channels:
            raise LayerError(f"The channel {channel} joins groups only where it was made, attached or received.")
        new = session.join(group, channel)
        try:
            await session.subscribed(wire.group_topic(self.prefix, group))
            await session.request(session.enrolment(group, [channel]))
        except BaseException:
            if new:
                session.leave(group, channel)
            raise

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        session = self._loops.current()
        if session.leave(group, channel):
            session.post(self._leaving(group, channel))

    def _new_session(self) -> PubSubSession:
        return PubSubSession(
            self._new_pipelines(),
            prefix=self.prefix,
            expiry=self.expiry,
            codec=self._codec,
            new_mailbox=self.new_mailbox,
            counters=self.counters,
            lease=self.lease,
            on_disconnect=self._hooks[0],
            on_reconnect=self._hooks[1],
        )

    def _sending(self, channel: str, message: Message) -> Steps[None]:
        yield [(self._index(channel), (("PUBLISH", channel, self._codec.encode(message, "channel", channel)),))]

    def _group_sending(self, group: str, message: Message, exclude: str | None) -> Steps[None]:
        if exclude is not None:
            message = {**message, EXCLUDED: exclude}
        topic = wire.group_topic(self.prefix, group)
        yield [(self._index(topic), (("PUBLISH", topic, self._codec.encode(message, "group", group)),))]

    def _listing(self, group: str) -> Steps[list[str]]:
        alive = f"({wire.cutoff(self.lease)!r}"
        index = self._index(wire.group_topic(self.prefix, group))
        [[members]] = yield [(index, (("ZRANGEBYSCORE", wire.roll_key(self.prefix, group), alive, "+inf"),))]
        return sorted(member.decode() for member in members)

    def _flushing(self) -> Steps[None]:
        for index in range(len(self.servers)):
            rolls = yield from scanning(index, wire.roll_key(literally(self.prefix), "*"))
            if rolls:
                yield [(index, (("DEL", *rolls),))]

    def _leaving(self, group: str, channel: str) -> Requests:
        index = self._index(wire.group_topic(self.prefix, group))
        return [(index, (("ZREM", wire.roll_key(self.prefix, group), channel),))]

    def _index(self, topic: str) -> int:
        return wire.shard_of(topic, len(self.servers))
