"""What one person has not read in one room, counted on as messages come."""

from collections.abc import Sequence
from typing import NamedTuple

from lanchat.journal import MembershipRecord
from lanchat.protocol import Membership


class Fresh(NamedTuple):
    """A message that has just come: where it is, whose it is, and the ids of those whom it mentions."""

    seq: int
    author: str
    mentions: frozenset[str]


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

    def take(self, messages: Sequence[Fresh]) -> None:
        """Count messages that have come since; the journal may have been asked before they came."""
        if self.stale or not messages:
            self._came = messages[-1].seq if messages else self._came
            return
        begin = max(self._upto, self.record.read)
        for message in messages:
            if message.seq <= begin:
                continue
            self._upto = message.seq
            if message.author != self.record.person:
                self._unread += 1
                self._mentions += self.record.person in message.mentions

    def lost(self) -> None:
        """Something that was unread may not stand any more."""
        self.stale = self.stale or self._unread > 0

    def move(self, record: MembershipRecord, top: int) -> None:
        """Take another record. When everything up to `top` is read there is nothing to count."""
        self.stale = self.stale or record.read != self.record.read
        self.record = record
        if record.read >= top:
            self.count(top, ())
