"""Where the messages of one channel wait in this process, and what happens when they are too many."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from lanchat.layers.errors import ChannelFull, LayerError
from lanchat.layers.message import Message
from lanchat.layers.overflow import Overflow
from lanchat.layers.statistics import Counters

_log = logging.getLogger(__name__)

FAILED = "A receiver failed on a message of type %r"

Receiver = Callable[[Message], None]
"""Where a layer puts a message of an attached channel: a plain call on the event loop that neither waits nor raises."""


class Letter(NamedTuple):
    """A message on its way to a reader.

    Attributes:
        message: its content.
        deadline: time on the monotonic clock after which nobody wants it.
        put_back: returns it to the server, for a channel that several processes read.
    """

    message: Message
    deadline: float
    put_back: Callable[[], None] | None = None


# An empty deque takes 750 bytes, and most mailboxes hand everything to a receiver. They share these, never filled.
_NO_LETTERS: deque[Letter] = deque()
_NOBODY: deque[asyncio.Future[None]] = deque()


class Mailbox:
    """One channel in one event loop: its receiver or its readers, what waits for them, and its groups.

    Args:
        name: the channel.
        capacity: messages that wait at most.
        overflow: what happens beyond that.
        counters: where deliveries and losses are counted.
        on_change: called with the mailbox when somebody begins or ceases to listen, and when it was emptied.

    Attributes:
        groups: the groups that the channel is a member of.
        receiver: what takes its messages, when they are pushed.
        used: when somebody last joined a group with it or listened, on the monotonic clock.
    """

    __slots__ = (
        "_asleep",
        "_closed",
        "_counters",
        "_ended",
        "_letters",
        "_limit",
        "_on_change",
        "_overflow",
        "_readers",
        "capacity",
        "groups",
        "name",
        "receiver",
        "used",
    )

    def __init__(
        self,
        name: str,
        *,
        capacity: int,
        overflow: Overflow,
        counters: Counters,
        on_change: Callable[["Mailbox"], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.groups: set[str] = set()
        self.receiver: Receiver | None = None
        self.used = time.monotonic()
        self._overflow = overflow
        self._counters = counters
        self._on_change = on_change
        self._letters = _NO_LETTERS
        self._readers = 0
        self._asleep = _NOBODY
        self._limit = capacity
        self._ended = False
        self._closed = False

    @property
    def listening(self) -> bool:
        """Whether somebody wants one message more than there are."""
        return self.receiver is not None or bool(self._asleep)

    @property
    def attended(self) -> bool:
        """Whether somebody receives, or is about to take what there is."""
        return self.receiver is not None or self._readers > 0

    @property
    def full(self) -> bool:
        """Whether one more message would overflow it."""
        return self.receiver is None and len(self._letters) >= self._limit

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._letters

    @property
    def spent(self) -> bool:
        """Whether nothing is lost with it: nobody receives, nothing waits, it is in no group and was not ended."""
        return not (self._letters or self._readers or self.groups or self._ended or self.receiver is not None)

    def put(self, letter: Letter) -> bool:
        """Hand over a message: to the receiver, or into the mailbox for who reads next; False when it is refused."""
        if self.receiver is not None:
            _call(self.receiver, letter.message)
        elif len(self._letters) < self._limit or self._make_room():
            if self._letters is _NO_LETTERS:
                self._letters = deque()
            self._letters.append(letter)
            if self._asleep:
                self._wake_one()
        else:
            return False
        return True

    def deliver(self, letter: Letter) -> None:
        """The same, without an error for the caller: it is counted as received or as dropped."""
        if self.put(letter):
            self._counters.received += 1
        else:
            self._counters.drop(self.name)

    async def get(self) -> Message:
        """Wait for the next message.

        Raises:
            ChannelFull: the mailbox was too full and does not go on.
            LayerError: the messages go to a receiver.
        """
        if self.receiver is not None:
            raise LayerError(f"The messages of the channel {self.name} go to a receiver.")
        self._readers += 1
        try:
            while not self._ready():
                await self._sleep()
            return self._letters.popleft().message
        finally:
            self._readers -= 1
            self.used = time.monotonic()
            if not self._letters:
                self._on_change(self)

    def attach(self, receiver: Receiver) -> None:
        """Return what waits, and from now on everything, to `receiver`; readers are cancelled."""
        self.receiver = receiver
        self._begin_anew()
        self._cancel_readers()
        self.drop_expired()
        letters, self._letters = self._letters, _NO_LETTERS
        for letter in letters:
            _call(receiver, letter.message)
        self._on_change(self)

    def drop_expired(self) -> None:
        """Drop what is too old."""
        if not self._letters:
            return
        now = time.monotonic()
        while self._letters and self._letters[0].deadline <= now:
            self._letters.popleft()
            self._counters.expired += 1

    def clear(self) -> None:
        """Drop what waits; readers go on waiting."""
        self._letters.clear()
        self._begin_anew()

    def abandon(self) -> None:
        """Forget the readers, without a word to them: their event loop is closed."""
        self._asleep.clear()

    def close(self) -> None:
        """Cancel the readers; what several processes may read goes back to the server."""
        self._closed = True
        self._cancel_readers()
        self._put_back(0)
        self._letters.clear()
        self.receiver = None
        self._on_change(self)

    def _ready(self) -> bool:
        if self._ended:
            raise ChannelFull(
                f"The channel {self.name} fell behind by more than {self.capacity} messages and was ended."
            )
        self.drop_expired()
        return bool(self._letters)

    async def _sleep(self) -> None:
        """Wait until there may be a message. A woken reader holds none yet, so a cancelled one takes none away."""
        if self._closed or self.receiver is not None:
            raise asyncio.CancelledError
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._asleep is _NOBODY:
            self._asleep = deque()
        self._asleep.append(reader)
        if len(self._asleep) == 1:
            self._on_change(self)
        try:
            await reader
        except BaseException as error:
            if reader in self._asleep:
                self._asleep.remove(reader)
                self._on_change(self)
            if isinstance(error, asyncio.CancelledError) and not reader.cancelled():
                self._pass_on()
            raise

    def _wake_one(self) -> None:
        while self._asleep:
            reader = self._asleep.popleft()
            if not reader.done():
                reader.set_result(None)
                break
        if not self._asleep:
            self._on_change(self)

    def _pass_on(self) -> None:
        """A woken reader was cancelled: the next one is woken instead; without one, what is shared goes back."""
        if self._letters and self._asleep:
            self._wake_one()
        else:
            self._put_back(self._readers - len(self._asleep) - 1)

    def _put_back(self, keep: int) -> None:
        """Return the newest letters of a shared channel back, all but as many as are about to be taken."""
        while len(self._letters) > keep and (put_back := self._letters[-1].put_back) is not None:
            self._letters.pop()
            put_back()

    def _make_room(self) -> bool:
        self.drop_expired()
        if len(self._letters) < self._limit:
            return True
        if self._overflow is Overflow.DISCONNECT and not self._ended:
            self._end()
        if self._overflow is not Overflow.DROP_OLDEST or not self._letters:
            return False
        self._letters.popleft()
        self._counters.drop(self.name)
        return True

    def _end(self) -> None:
        self._ended = True
        self._limit = 0
        self._counters.drop(self.name, len(self._letters))
        self._letters.clear()

    def _begin_anew(self) -> None:
        self._ended = False
        self._limit = self.capacity

    def _cancel_readers(self) -> None:
        asleep, self._asleep = self._asleep, _NOBODY
        for reader in asleep:
            reader.cancel()


def _call(receiver: Receiver, message: Message) -> None:
    """Hand `message` to `receiver`; what it raises is logged."""
    try:
        receiver(message)
    except Exception:  # noqa: BLE001 - one receiver's fault must not reach the others
        _log.exception(FAILED, message.get("type"))
