"""The door of one room at this node: whom it lets through, and who may say what inside."""

import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import TypeVar

import msgspec

from lanchat.errors import (
    Banned,
    InvalidFrame,
    InvalidRoomName,
    Kicked,
    LimitReached,
    Muted,
    NeedsInvitation,
    NeedsPassphrase,
    NoGuests,
    NotModerator,
    ReadOnly,
    RefusedError,
    RoomLocked,
    SlowMode,
)
from lanchat.identity import names
from lanchat.journal import DoorRecord
from lanchat.limits import Limits, TokenRate
from lanchat.protocol import Author, Event, Kind, PolicyNotice, Rule, is_key_id, read_rule
from lanchat.rooms.door.policy import Policy

KICK = 60.0
"""Seconds for which somebody who was sent out stays out."""
HELD = 20
"""Messages of one person that a link may bring at once in slow mode: they waited while the home was away."""
_MOST = 1_024
"""People whose pauses are remembered; who was let be for longest is forgotten first."""

K = TypeVar("K")
V = TypeVar("V")


class Comer(msgspec.Struct, frozen=True):
    """Somebody at the door.

    Attributes:
        id: of the person, or of the node that speaks for others; it holds the pass of who was let in.
        address: where they come from; empty for who sits at this machine.
        person: id of the person of a node, who has proved that it is theirs.
        at_home: whether this is the person of this node, whose node came through the door or has the room at home.
        guest: whether this is somebody without a key of their own.
    """

    id: str
    address: str = ""
    person: str = ""
    at_home: bool = False
    guest: bool = True


class Doorway:
    """What holds at the entrance of one room.

    Args:
        owner: id of the person whose room it is.
        clock: seconds that only grow.
        most_rules: so many rules the room may have.

    Attributes:
        policy: what the rules of the room say.
        seq: of the last rule that was followed.
        rules: how many rules there were.
        key: what the passphrase was made into; empty when this node does not know it.
        passes: ids of those who were let in.
        barred: pairs of an address and the person who was banned with it.
        outside: why the home of this mirror does not let this node in; None when it does, or this is the home.
    """

    def __init__(
        self, owner: str, clock: Callable[[], float] = time.monotonic, most_rules: int = Limits().rules
    ) -> None:
        self.policy = Policy(owner)
        self.seq = 0
        self.rules = 0
        self._said: set[str] = set()
        self.key = b""
        self.passes: set[str] = set()
        self.barred: set[tuple[str, str]] = set()
        self.outside: RefusedError | None = None
        self._clock = clock
        self._most_rules = most_rules
        self._kicked: dict[str, float] = {}
        self._pace: dict[tuple[str, bool], float] = {}

    def restore(self, policy: Policy, rules: Sequence[Event], record: DoorRecord) -> None:
        """Take what the journal has of this door."""
        self.policy, self.rules, self.seq = policy, len(rules), rules[-1].seq if rules else 0
        self._said = {event.nonce for event in rules}
        self.key, self.passes, self.barred = record

    def take(self, event: Event) -> Rule | None:
        """Follow the next rule, and return it; None when its author may not make it, or it was said before."""
        self.rules += 1
        self.seq = event.seq
        if event.nonce in self._said:
            return None  # a signature is good for one nonce, so that nobody brings an old rule back
        self._said.add(event.nonce)
        rule = self.policy.rule_of(event)
        self.policy = self.policy.after(event)
        if rule is not None and rule.change == "kick":
            _put_last(self._kicked, rule.person, self._clock() + KICK)
        elif rule is not None and rule.change == "slow":
            self._pace.clear()  # the pause between two messages is another one now
        return rule

    def start_over(self) -> None:
        """Follow the rules from the first one again, because the room has another history; until then all holds on."""
        self.seq = 0

    def notice(self, room: str) -> PolicyNotice:
        """Return what holds, as people in the room are told it."""
        return self.policy.notice(room, keyless=self.policy.door == "passphrase" and not self.key)

    @property
    def needs_pass(self) -> bool:
        """Whether only those may come in who were let in before, or show something."""
        return self.policy.locked or self.policy.door != "open"

    def holds_pass(self, comer: Comer) -> bool:
        """Return whether somebody was let in before, or needs nobody's leave."""
        return comer.at_home or comer.id in self.passes

    def check_person(self, comer: Comer) -> None:
        """Return if somebody may come at all, by whatever key.

        Raises:
            Banned, Kicked: they were sent away.
            NoGuests: nobody without a key may come in.
        """
        if self._moderates(comer):
            return
        self.check_author(comer.id)
        self.check_author(comer.person)
        if comer.address and any(address == comer.address for address, _ in self.barred):
            raise Banned
        if max(self._kicked.get(comer.id, 0.0), self._kicked.get(comer.person, 0.0)) > self._clock():
            raise Kicked
        if comer.guest and self.policy.guests == "off":
            raise NoGuests

    def check_stay(self, comer: Comer) -> None:
        """Return if somebody who is in the room may stay in it. Raises RefusedError."""
        if self.outside is not None:
            raise type(self.outside)(str(self.outside))
        self.check_person(comer)

    def check_entry(self, comer: Comer) -> None:
        """Return if somebody may be in the room now.

        Raises:
            NeedsPassphrase, NeedsInvitation: they have to come through the door first.
            RoomLocked: nobody new comes in.
            RefusedError: as `check_person`, or the home of this mirror does not let this node in.
        """
        self.check_stay(comer)
        if self._moderates(comer) or self.holds_pass(comer):
            return
        if self.policy.locked:
            raise RoomLocked
        if self.policy.door == "passphrase":
            raise NeedsPassphrase
        if self.policy.door == "invite":
            raise NeedsInvitation

    def check_knock(self, comer: Comer) -> None:
        """Return if somebody may show a passphrase or an invitation. Raises RefusedError."""
        self.check_person(comer)
        if self.policy.locked and not self.holds_pass(comer) and not self._moderates(comer):
            raise RoomLocked

    def check_admission(self, comer: Comer) -> None:
        """Return if somebody may let others in: the person of this node, who is in the room, or who moderates it.

        Raises:
            NotModerator: they may not.
            RefusedError: they may not be in it.
        """
        self.check_entry(comer)
        if not comer.at_home:
            raise NotModerator("Only people who have Lanchat can invite into this room.")

    def check_author(self, person: str) -> None:
        """Return if a person or a node was not banned. Raises Banned."""
        if person in self.policy.banned:
            raise Banned

    def check_writing(self, author: Author) -> None:
        """Return if somebody may write in the room, wherever they are.

        Raises:
            Banned, Muted: they were silenced.
            NoGuests, ReadOnly: nobody without a key may.
        """
        if self.policy.moderates(author.id):
            return
        self.check_author(author.id)
        if author.id in self.policy.muted:
            raise Muted
        if not is_key_id(author.id) and self.policy.guests != "on":
            raise NoGuests if self.policy.guests == "off" else ReadOnly

    def may_write(self, author: Author) -> bool:
        """Return whether somebody may write in the room."""
        try:
            self.check_writing(author)
        except RefusedError:
            return False
        return True

    def check_post(self, author: Author, kind: Kind, text: str, *, link: bool) -> None:
        """Return if somebody may say this now.

        Args:
            author: who says it.
            kind: what it is.
            text: a rule as it is written; nothing is asked of another text.
            link: whether another node brings it, perhaps long after it was said.

        Raises:
            NotModerator, InvalidFrame, LimitReached: it is a rule that they cannot make.
            SlowMode: they said something just now.
            RefusedError: they may not write.
        """
        self.check_writing(author)
        if kind == "rule":
            self._check_rule(author, read_rule(text))
        elif kind == "message" and self.policy.slow and not self.policy.moderates(author.id):
            self._keep_pace(author.id, link=link)

    def _check_rule(self, author: Author, rule: Rule) -> None:
        self.policy.check(author.id, rule)
        if rule.change == "name" and names.room_name(rule.text) != rule.text:
            raise InvalidRoomName("A room's name is given as it is shown: NFC, without two spaces in a row.")
        if rule.change == "topic" and names.topic(rule.text) != rule.text:
            raise InvalidFrame("rule: a topic is given as it is shown: NFC, without two spaces in a row.")
        if self.rules >= self._most_rules:
            raise LimitReached(f"This room has had {self.rules} rules, which is the most.")

    def _moderates(self, comer: Comer) -> bool:
        return self.policy.moderates(comer.id if comer.at_home else comer.person)

    def _keep_pace(self, person: str, *, link: bool) -> None:
        rate = TokenRate(1 / self.policy.slow, HELD if link else 1)
        now = self._clock()
        full = rate.after(self._pace.get((person, link), 0.0), now)
        if not (wait := rate.wait(full, now)):
            _put_last(self._pace, (person, link), full)
        elif link:  # what waited is not sent again and again: its author is told
            raise LimitReached("This room is in slow mode, and more of you waited than it takes.")
        else:
            raise SlowMode(f"This room is in slow mode; you may write again in {ceil(wait)} seconds.")


def _put_last(table: dict[K, V], key: K, value: V) -> None:
    table.pop(key, None)
    table[key] = value
    if len(table) > _MOST:
        del table[next(iter(table))]
