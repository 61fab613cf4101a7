"""The door of one room at this node: whom it lets through, and who may say what inside."""

import time
from collections.abc import Callable, Sequence

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
    NoSuchRoom,
    NotModerator,
    ReadOnly,
    RefusedError,
    RoomLocked,
)
from lanchat.identity import names
from lanchat.journal import DoorRecord
from lanchat.limits import Limits
from lanchat.protocol import (
    Author,
    Event,
    Kind,
    Policy,
    PolicyNotice,
    Rule,
    followed,
    is_key_id,
    read_rule,
)
from lanchat.rooms.door.echoes import Echoes
from lanchat.rooms.door.pace import Pace, put_last

KICK = 60.0
"""Seconds for which somebody who was sent out stays out."""
_SHARE = 2
"""Of so many rules that a room may have, one may be about who comes in: everybody who has a key makes such."""


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
        limits: how many rules the room may have, and how many invitations may stand.

    Attributes:
        policy: what the rules of the room say.
        seq: of the last rule that was followed.
        rules: how many rules there were.
        key: what the passphrase was made into; empty when this node does not know it.
        passes: ids of those who were let in at this node.
        barred: pairs of an address and the person who was banned with it.
        echoes: rules that somebody waits for.
        outside: why the home of this mirror does not let this node in; None when it does, or this is the home.
    """

    def __init__(self, owner: str, clock: Callable[[], float] = time.monotonic, limits: Limits | None = None) -> None:
        self.policy = Policy(owner)
        self.seq = 0
        self.rules = 0
        self._said: set[str] = set()
        self.key = b""
        self.passes: set[str] = set()
        self.barred: set[tuple[str, str]] = set()
        self.outside: RefusedError | None = None
        self.echoes = Echoes()
        self._clock = clock
        self._limits = limits or Limits()
        self._kicked: dict[str, float] = {}
        self._pace = Pace(clock)

    def restore(self, owner: str, rules: Sequence[Event], record: DoorRecord) -> None:
        """Take what the journal has of this door, and whose room it is."""
        self.rules, self.seq = len(rules), rules[-1].seq if rules else 0
        self._said = {event.nonce for event in rules}
        self.key, self.passes, self.barred = record
        self.policy = Policy(owner)
        now = now_ms()
        for event, policy, rule in followed(owner, rules):
            self.policy = policy
            if rule is not None and rule.change == "kick" and 0 <= (passed := (now - event.at) / 1000) < KICK:
                put_last(self._kicked, rule.person, self._clock() + KICK - passed)

    def take(self, event: Event) -> Rule | None:
        """Follow the next rule, and return it; None when its author may not make it, or it was said before."""
        self.rules += 1
        self.seq = event.seq
        if event.nonce in self._said:
            return None  # a signature is good for one nonce, so that nobody brings an old rule back
        self._said.add(event.nonce)
        self.policy, rule = self.policy.follow(event)
        if rule is not None and rule.change == "kick":
            put_last(self._kicked, rule.person, self._clock() + KICK)
        elif rule is not None and rule.change == "slow":
            self._pace.restart()
        return rule

    def start_over(self) -> None:
        """Follow the rules from the first one again, because the room has another history; until then all holds on."""
        self.seq = 0

    def notice(self, room: str) -> PolicyNotice:
        """Return what holds, as people in the room are told it."""
        return self.policy.notice(room, keyless=self.policy.door == "passphrase" and not self.key)

    @property
    def remembers(self) -> bool:
        """Whether who is inside is remembered: not everybody may come in, or find the room."""
        return self.policy.locked or self.policy.door != "open" or not self.policy.listed

    def holds_pass(self, comer: Comer) -> bool:
        """Return whether somebody was let in before, or needs nobody's leave."""
        return comer.at_home or comer.id in self.passes or not self.policy.admitted.isdisjoint((comer.id, comer.person))

    def check_name(self, comer: Comer) -> None:
        """Return if somebody may find the room by its name: nobody new does where none lists it. Raises NoSuchRoom."""
        if not (self.policy.listed or self.holds_pass(comer) or self._moderates(comer)):
            raise NoSuchRoom

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

    def check_owner(self, comer: Comer) -> None:
        """Return if somebody may set the passphrase: the owner, here or at a node that proved to be theirs.

        Raises:
            NotModerator: they may not.
            RefusedError: they may not be in the room.
        """
        self.check_entry(comer)
        if self.policy.owner not in {comer.id if comer.at_home else comer.person} - {""}:
            raise NotModerator("Only the owner of this room can do that.")

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

    def is_slow_for(self, author: Author, kind: Kind) -> bool:
        """Return whether somebody has to wait between what they say."""
        return kind == "message" and bool(self.policy.slow) and not self.policy.moderates(author.id)

    def check_post(self, author: Author, kind: Kind, text: str, nonce: str, *, link: bool) -> None:
        """Return if somebody may say this now.

        Args:
            author: who says it.
            kind: what it is.
            text: a rule as it is written; nothing is asked of another text.
            nonce: of it. What is said again is not counted again.
            link: whether another node brings it, perhaps long after it was said.

        Raises:
            NotModerator, InvalidInvitation, InvalidFrame, LimitReached: it is a rule that they cannot make.
            SlowMode: they said something just now.
            RefusedError: they may not write.
        """
        self.check_writing(author)
        if kind == "rule":
            self._check_rule(author, read_rule(text))
        elif self.is_slow_for(author, kind):
            self._pace.keep(author.id, self.policy.slow, nonce, link=link)

    def check_again(self, author: Author, kind: Kind) -> None:
        """Return if what somebody has said in a room that goes on as this one may be said here.

        The word by which it does so is no rule of this room: whether it is one the journal looks at, and who has no
        right in this room has it in theirs.

        Raises:
            RefusedError: they may not write here.
        """
        if kind != "rule":
            self.check_writing(author)

    def _check_rule(self, author: Author, rule: Rule) -> None:
        now, limits = now_ms(), self._limits
        self.policy.check(author.id, rule, now)
        if rule.change == "name" and names.room_name(rule.text) != rule.text:
            raise InvalidRoomName("A room's name is given as it is shown: NFC, without two spaces in a row.")
        if rule.change == "topic" and names.topic(rule.text) != rule.text:
            raise InvalidFrame("rule: a topic is given as it is shown: NFC, without two spaces in a row.")
        if self.rules >= limits.rules // (_SHARE if rule.of_entry else 1):
            raise LimitReached(f"This room has had {self.rules} rules, which is the most for this.")
        if rule.change == "invite" and len(self.policy.standing(now)) >= limits.invitations:
            raise LimitReached(f"{limits.invitations} invitations into this room stand; take some back first.")

    def _moderates(self, comer: Comer) -> bool:
        return self.policy.moderates(comer.id if comer.at_home else comer.person)


def now_ms() -> int:
    """Return the time, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
