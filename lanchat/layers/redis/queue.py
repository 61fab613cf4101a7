"""The channel layer on sorted sets: messages wait in Redis until their process takes them, or until they expire."""

import itertools
import logging
import math
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Unpack

from lanchat.layers.errors import ChannelFull, LayerError
from lanchat.layers.mailbox import Mailbox
from lanchat.layers.message import TARGETS, Message
from lanchat.layers.redis import wire
from lanchat.layers.redis.connection import Command
from lanchat.layers.redis.layer import RedisLayer, RedisOptions
from lanchat.layers.redis.queue_session import QueueSession
from lanchat.layers.redis.roll import GroupRoll, GroupRolls
from lanchat.layers.redis.scripts import PUT, PUT_ALL, PUT_IF_SAME, ROLL
from lanchat.layers.redis.session import Requests
from lanchat.layers.redis.steps import Steps, literally, scanning
from lanchat.layers.throttled_log import ThrottledLog

_log = logging.getLogger(__name__)
_MOST_NAMES_KEPT = 10_000
_OWN_KEY = re.compile(r"[0-9a-f]{32}!.*", re.DOTALL)


class RedisChannelLayer(RedisLayer[QueueSession]):
    """Channels and groups across processes, by queues that Redis keeps.

    It exchanges messages with the layers of the same name of channels_redis and Fast Channels, in both directions, and
    shares groups with them. A channel without "!" in its name is one queue for all processes: each message goes to one
    reader. The channels of one event loop share one queue, and its capacity, while nobody there reads.

    A membership of ours is a lease: its process renews it while the channel is attached or received, and it ends within
    `lease` seconds after the process is gone. Clocks of the machines may differ by half of that.

    Args: as for `RedisLayer`; and
        symmetric_encryption_keys: passphrases; the first encrypts, all decrypt.
        random_prefix_length: random bytes in front of each message; the same in all processes.
    """

    def __init__(
        self,
        hosts: object = None,
        *,
        symmetric_encryption_keys: Sequence[str | bytes] | None = None,
        random_prefix_length: int = 12,
        **options: Unpack[RedisOptions],
    ) -> None:
        super().__init__(hosts, **options)
        longest = math.ceil(self.expiry) + 10
        self._codec = self._new_codec(symmetric_encryption_keys, random_prefix_length, longest)
        self._recorder = self._new_codec(symmetric_encryption_keys)
        self._unique = random_prefix_length > 0
        self._turns = itertools.count()
        self._names: dict[str, None] = {}
        self._rolls = GroupRolls()
        self._broken = ThrottledLog(_log, logging.WARNING, "%s of %s channels in group %s have a key of a wrong type")

    async def new_channel(self, prefix: str = "specific") -> str:
        """Return a name that no other channel has, for one receiver in this event loop."""
        session = self._loops.current()
        channel = self.require_valid_channel_name(f"{prefix}.{session.client}!{uuid.uuid4().hex}")
        self._keep_name(channel)
        session.mailbox(channel)
        return channel

    async def group_add(self, group: str, channel: str) -> None:
        """Make `channel` a member of `group`, or refresh its membership. Raises LayerError when Redis is not there now.

        A channel of another process becomes a member as well; nobody renews that, so it ends after `group_expiry`.
        """
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        session = self._loops.current()
        if not session.owns(channel):
            ahead = self.group_expiry - self.lease if wire.is_leased(channel) else 0
            await session.request(session.enrolment(group, [channel], time.time() + ahead))
            return
        new = session.join(group, channel)
        try:
            await session.request(session.enrolment(group, [channel], time.time()))
        except BaseException:
            if new:
                session.leave(group, channel)
            raise

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership, if there is one. While Redis is away, one of this event loop ends with its lease."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        session = self._loops.current()
        ours = session.leave(group, channel)
        try:
            await session.request(self._leaving(group, channel))
        except LayerError:
            if not ours:
                raise

    def _new_session(self) -> QueueSession:
        return QueueSession(
            self._new_pipelines(),
            prefix=self.prefix,
            expiry=self.expiry,
            group_expiry=self.group_expiry,
            codec=self._codec,
            unique=self._unique,
            new_mailbox=self.new_mailbox,
            counters=self.counters,
            lease=self.lease,
            on_disconnect=self._hooks[0],
            on_reconnect=self._hooks[1],
        )

    def _own_mailbox(self, channel: str) -> Mailbox:
        session = self._loops.current()
        if "!" in channel and not session.owns(channel):
            raise LayerError(f"The channel {channel} belongs to another process or event loop.")
        self._keep_name(channel)
        return session.mailbox(channel)

    def _sending(self, channel: str, message: Message) -> Steps[None]:
        self._require_room(channel)
        self._keep_name(channel)
        if "!" in channel:
            message = {**message, TARGETS: channel}
        member = self._codec.encode(message, "channel", channel)
        key = self.prefix + wire.non_local(channel)
        script: Command = ("EVAL", PUT, 1, key, *self._times(), self.get_capacity(channel), member)
        [[room]] = yield [(self._index(channel), (script,))]
        if not room:
            raise ChannelFull(f"The channel {channel} holds {self.get_capacity(channel)} messages already.")

    def _group_sending(self, group: str, message: Message, exclude: str | None) -> Steps[None]:
        roll = self._rolls.known(group, wire.cutoff(self.lease)) if len(self.servers) == 1 else None
        if roll is None or roll.dead or not roll.queues:
            roll = yield from self._roll(group)
        else:
            queues = roll.without(exclude)
            [[told]] = yield [(0, (self._putting(queues, message, PUT_IF_SAME, group, roll),))]
            if not isinstance(told, bytes):
                self._note(told, len(queues), group)
                return
            roll = self._rolls.read(group, told, wire.cutoff(self.lease))
        queues = roll.without(exclude)
        by_server: dict[int, dict[str, Sequence[str]]] = {}
        for name, channels in queues.items():
            by_server.setdefault(self._index(name), {})[name] = channels
        asked: Requests = [
            (index, (self._putting(some, message, PUT_ALL, group),)) for index, some in by_server.items()
        ]
        if roll.dead:
            asked.append((self._group_index(group), (("ZREM", wire.group_key(self.prefix, group), *roll.dead),)))
        replies = yield asked
        over_and_broken = map(sum, zip((0, 0), *(reply for [reply] in replies[: len(by_server)]), strict=True))
        self._note(tuple(over_and_broken), len(queues), group)

    def _putting(
        self,
        queues: Mapping[str, Sequence[str]],
        message: Message,
        script: str,
        group: str,
        roll: GroupRoll | None = None,
    ) -> Command:
        """Return the command that queues a message in each of these queues; with a roll, if it is still the group's."""
        keys = [self.prefix + name for name in queues]
        pairs: list[str | bytes | int | float] = []
        for name, channels in queues.items():
            pairs += [self.get_capacity(name), self._codec.encode({**message, TARGETS: channels}, "group", group)]
        if roll is None:
            return ("EVAL", script, len(keys), *keys, *self._times(), *pairs)
        ends = repr(wire.cutoff(self.group_expiry)), roll.told
        key = wire.group_key(self.prefix, group)
        return ("EVAL", script, 1 + len(keys), key, *keys, *self._times(), *pairs, *ends)

    def _note(self, over_and_broken: Sequence[int], count: int, group: str) -> None:
        over, broken = over_and_broken
        self.counters.miss(over, count, group)
        if broken:
            self.counters.dropped += broken
            self._broken(broken, count, group)

    def _listing(self, group: str) -> Steps[list[str]]:
        roll = yield from self._roll(group)
        return sorted(roll.alive)

    def _roll(self, group: str) -> Steps[GroupRoll]:
        """Read who is in a group."""
        key = wire.group_key(self.prefix, group)
        script: Command = ("EVAL", ROLL, 1, key, repr(wire.cutoff(self.group_expiry)))
        [[told]] = yield [(self._group_index(group), (script,))]
        return self._rolls.read(group, told, wire.cutoff(self.lease))

    def _flushing(self) -> Steps[None]:
        known: set[str] = set()
        heads = {f"{self.prefix}specific."}
        for name in self._names:
            client = wire.client_of(name)
            (heads if client else known).add(self.prefix + name.removesuffix(f"{client}!"))
        for index in range(len(self.servers)):
            keys: list[str | bytes] = [key + tail for key in known for tail in ("", wire.IN_FLIGHT)]
            keys += yield from scanning(index, wire.group_key(literally(self.prefix), "*"))
            for head in heads:
                found = yield from scanning(index, literally(head) + "*!*")
                keys += [key for key in found if _OWN_KEY.fullmatch(key.decode(errors="replace")[len(head) :])]
            if keys:
                yield [(index, (("DEL", *keys),))]

    def _leaving(self, group: str, channel: str) -> Requests:
        return [(self._group_index(group), (("ZREM", wire.group_key(self.prefix, group), channel),))]

    def _times(self) -> tuple[str, str, int]:
        return repr(self._now()), repr(wire.cutoff(self.expiry)), math.ceil(self.expiry)

    def _require_room(self, channel: str) -> None:
        """A channel of this loop that nobody reads is full here before it is full in Redis."""
        session = self._loops.existing()
        mailbox = session.channels.get(channel) if session else None
        if mailbox is not None and mailbox.full:
            raise ChannelFull(f"The channel {channel} holds {mailbox.capacity} messages already.")

    def _keep_name(self, channel: str) -> None:
        """Remember which queues are ours, for `flush`: their names alone do not show it."""
        self._names[wire.non_local(channel)] = None
        if len(self._names) > _MOST_NAMES_KEPT:
            del self._names[next(iter(self._names))]

    def _index(self, channel: str) -> int:
        if "!" in channel:
            return wire.shard_of(wire.non_local(channel), len(self.servers))
        return next(self._turns) % len(self.servers)

    def _group_index(self, group: str) -> int:
        return wire.shard_of(group, len(self.servers))
