"""What one person has not read in one room, counted on as messages come."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lanchat.journal import MembershipRecord
from lanchat.protocol import Membership


class Fresh(NamedTuple):
    """A message that has just come: where it is, whose it is, and the ids of those whom it mentions."""

    seq: int
    author: str
    mentions: frozenset[str]


class Arrivals:
    """Messages that have come together, counted once for everybody whom they reach.

    Args:
        messages: ascending.
    """

    def __init__(self, messages: Sequence[Fresh]) -> None:
        self._messages = messages
        self._said = Counter(message.author for message in messages)
        self._named = Counter(
            person for message in messages for person in message.mentions if person != message.author
        )  # fmt: skip

    @property
    def last(self) -> int:
        """The highest seq; 0 when there is no message."""
        return self._messages[-1].seq if self._messages else 0

    def unread(self, person: str, read: int) -> tuple[int, int]:
        """Return how many of them above a seq others than a person have said, and how many of those mention them."""
        messages = self._messages
        if not messages or messages[-1].seq <= read:
            return 0, 0
        if messages[0].seq > read:
            return len(messages) - self._said[person], self._named[person]
        theirs = [message for message in messages if message.seq > read and message.author != person]
        return len(theirs), sum(person in message.mentions for message in theirs)


class Tally:
    """One person in one room: what is kept of that, and what is unread.

    Args:
        record: what is kept.

    Attributes:
        record: what is kept.
        stale: whether it has to be counted anew from the journal.
    """

    __slots__ = ("_came", "_mentions", "_unread", "_upto", "record", "stale")

    def __init__(self, record: MembershipRecord) -> None:
        self.record = record
        self.stale = True
        self._upto = 0
        self._came = 0
        self._unread = 0
        self._mentions = 0

    @property
    def shown(self) -> Membership:
        """How it is told to the person."""
        record = self.record
        return Membership(
            room=record.room,
            read=record.read,
            unread=self._unread,
            mentions=self._mentions,
            notices=record.notices,
            favourite=record.favourite,
            place=record.place,
            view=record.view,
        )

    def count(self, upto: int, unread: Sequence[bool]) -> None:
        """Take what was counted in the journal up to a seq: for each unread message whether it mentions the person."""
        self.stale = upto < self._came
        self._upto = upto
        self._unread, self._mentions = len(unread), sum(unread)

    def take(self, arrived: Arrivals) -> bool:
        """Count messages that have come since; the journal may have been asked before they came.

        Returns:
            Whether a number is another one now.
        """
        if self.stale:
            self._came = arrived.last or self._came
            return False
        unread, mentions = arrived.unread(self.record.person, max(self._upto, self.record.read))
        self._upto = max(self._upto, arrived.last)
        self._unread += unread
        self._mentions += mentions
        return unread > 0

    def lost(self) -> None:
        """Something that was unread may not stand any more."""
        self.stale = self.stale or self._unread > 0

    def move(self, record: MembershipRecord, top: int) -> None:
        """Take another record. When everything up to `top` is read there is nothing to count."""
        self.stale = self.stale or record.read != self.record.read
        self.record = record
        if record.read >= top:
            self.count(top, ())
