"""Where the messages of one channel wait in this process, and what happens when they are too many."""

import asyncio
import enum
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from lanchat.errors import ChannelFull
from lanchat.layers.base import Message, Receiver
from lanchat.layers.redis.statistics import Counters

_log = logging.getLogger(__name__)


class Overflow(enum.StrEnum):
    """What a full mailbox does with one more message."""

    DROP_OLDEST = "drop_oldest"
    DROP_NEWEST = "drop_newest"
    DISCONNECT = "disconnect"
    """Whoever receives gets ChannelFull from then on, and has to begin anew with another channel."""


class Letter(NamedTuple):
    """A message on its way to a reader.

    Attributes:
        message: what it says.
        deadline: time on the monotonic clock after which nobody wants it.
        put_back: gives it back to Redis, for a channel that several processes read.
    """

    message: Message
    deadline: float
    put_back: Callable[[], None] | None = None


class Mailbox:
    """One channel in one event loop: its receiver or its readers, what waits for them, and its groups.

    Args:
        name: the channel.
        capacity: messages that wait at most.
        overflow: what happens beyond that.
        counters: where deliveries and losses are counted.
        on_listening: called with the mailbox whenever somebody begins or ceases to listen.

    Attributes:
        groups: the groups that the channel is a member of.
        receiver: what takes its messages, when they are pushed.
        used: when somebody last listened, on the monotonic clock.
    """

    def __init__(
        self,
        name: str,
        *,
        capacity: int,
        overflow: Overflow,
        counters: Counters,
        on_listening: Callable[["Mailbox"], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.groups: set[str] = set()
        self.receiver: Receiver | None = None
        self.used = time.monotonic()
        self._overflow = overflow
        self._counters = counters
        self._on_listening = on_listening
        self._letters: deque[Letter] = deque()
        self._readers: deque[asyncio.Future[Letter]] = deque()
        self._broken = False

    @property
    def listening(self) -> bool:
        """Whether somebody wants the next message now."""
        return self.receiver is not None or bool(self._readers)

    @property
    def full(self) -> bool:
        """Whether one more message would overflow it."""
        return self.receiver is None and len(self._letters) >= self.capacity

    def put(self, letter: Letter) -> None:
        """Hand over a message: to the receiver, to the reader that waits longest, or into the mailbox."""
        if self.receiver is not None:
            self._counters.received += 1
            _call(self.receiver, letter.message)
        elif self._hand_over(letter):
            self._counters.received += 1
        elif not self.full or self._make_room():
            self._counters.received += 1
            self._letters.append(letter)
        else:
            self._counters.dropped += 1

    async def get(self) -> Message:
        """Wait for the next message. Raises ChannelFull when the mailbox was too full and does not go on."""
        if self._letters:
            self._drop_expired()
        if self._broken:
            raise ChannelFull(
                f"The channel {self.name} fell behind by more than {self.capacity} messages and was ended."
            )
        if self._letters:
            self.used = time.monotonic()
            return self._letters.popleft().message
        reader: asyncio.Future[Letter] = asyncio.get_running_loop().create_future()
        self._readers.append(reader)
        if len(self._readers) == 1:
            self._on_listening(self)
        try:
            return (await reader).message
        except asyncio.CancelledError:
            if reader.done() and not reader.cancelled():
                self._give_back(reader.result())
            elif reader in self._readers:
                self._readers.remove(reader)
                self._changed_to_idle()
            raise
        finally:
            self.used = time.monotonic()

    def attach(self, receiver: Receiver) -> None:
        """Give what waits, and from now on everything, to `receiver`."""
        self.receiver = receiver
        self._drop_expired()
        letters, self._letters = self._letters, deque()
        for letter in letters:
            _call(receiver, letter.message)
        self._on_listening(self)

    def detach(self) -> None:
        """End what `attach` began."""
        self.receiver = None
        self.used = time.monotonic()
        self._changed_to_idle()

    def clear(self) -> None:
        """Drop what waits."""
        self._letters.clear()

    def close(self) -> None:
        """Cancel the readers; what several processes may read goes back to Redis."""
        for reader in self._readers:
            reader.cancel()
        self._readers.clear()
        for letter in self._letters:
            if letter.put_back is not None:
                letter.put_back()
        self._letters.clear()
        self.receiver = None
        self._on_listening(self)

    def _hand_over(self, letter: Letter) -> bool:
        while self._readers:
            reader = self._readers.popleft()
            if not reader.done():
                reader.set_result(letter)
                self._changed_to_idle()
                return True
        return False

    def _give_back(self, letter: Letter) -> None:
        """A reader was cancelled after it had been given a message: the next one gets it."""
        if self._hand_over(letter):
            return
        if letter.put_back is not None:
            letter.put_back()
        else:
            self._letters.appendleft(letter)

    def _make_room(self) -> bool:
        self._drop_expired()
        if not self.full:
            return True
        if self._overflow is Overflow.DROP_NEWEST or not self._letters:
            return False
        if self._overflow is Overflow.DISCONNECT:
            self._broken = True
            self._counters.dropped += len(self._letters)
            self._letters.clear()
            return False
        self._letters.popleft()
        self._counters.dropped += 1
        return True

    def _drop_expired(self) -> None:
        now = time.monotonic()
        while self._letters and self._letters[0].deadline <= now:
            self._letters.popleft()
            self._counters.expired += 1

    def _changed_to_idle(self) -> None:
        if not self.listening:
            self._on_listening(self)


def _call(receiver: Receiver, message: Message) -> None:
    try:
        receiver(message)
    except Exception:  # noqa: BLE001 - one receiver's fault must not reach the others
        _log.exception("A receiver failed on a message of type %r", message.get("type"))
