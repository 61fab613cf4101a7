"""What holds in a room: the fold of the rules that were said in it, in their order. Pure.

Rules are events, so they survive what events survive, and every node that has the history comes to the same policy. A
rule of somebody who may not make it changes nothing, whoever numbered it.
"""

from collections.abc import Mapping

import msgspec

from lanchat.errors import (
    Banned,
    InvalidFrame,
    InvalidInvitation,
    LimitReached,
    NotModerator,
    RefusedError,
    RoomLocked,
)
from lanchat.protocol.door import Hidden, Invitation, PolicyNotice, Rule, heir_of, read_rule, takes_in, ticket_of
from lanchat.protocol.ids import is_key_id
from lanchat.protocol.parts import Body, Entry, Guests, RoomInfo
from lanchat.protocol.replies import Event

MOST_NAMED = 1_000
"""Most people in each list of a policy: moderators, muted, banned, admitted; and most invitations that stand."""
_OF_OWNER = frozenset({"door", "listed", "guests", "moderator", "delete", "unite"})
"""What moderators cannot change."""
_AGAINST = frozenset({"mute", "ban", "kick", "hide"})
"""What is done to somebody."""


class Policy(msgspec.Struct, frozen=True):
    """What holds in a room at one point of its history.

    Attributes:
        owner: id of the person whose room it is; empty where that is not known, and then nobody makes rules.
        door: how one comes in.
        listed: whether the room is announced and in lists.
        guests: what people without a key may do.
        slow: seconds between two messages of one person; 0 for none.
        continues: seconds without a quorum after which a node that decides goes on by itself; 0 for never.
        locked: whether nobody new comes in.
        name: how the room was renamed; empty when it never was.
        topic: what the room is about.
        deleted: the event by which the room is over for everybody; None while it is not.
        moderators: ids of the people who may do nearly as much as the owner.
        muted: ids of those who may only read.
        banned: ids of the people and nodes who may not come in.
        hidden: what is hidden.
        invitations: those that were made and not used up or taken back; some may have ended.
        admitted: ids of the people who were let in, and need nothing more.
        heir: the event by which the room goes on as another one; None while it does not.
        united: the events by which other rooms go on as this one, by the ids of those.
    """

    owner: str = ""
    door: Entry = "open"
    listed: bool = True
    guests: Guests = "on"
    slow: int = 0
    continues: int = 0
    locked: bool = False
    name: str = ""
    topic: str = ""
    deleted: Event | None = None
    moderators: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    banned: frozenset[str] = frozenset()
    hidden: tuple[Hidden, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    admitted: frozenset[str] = frozenset()
    heir: Event | None = None
    united: Mapping[str, Event] = {}

    @property
    def harmless(self) -> bool:
        """Whether nobody can do anything more once this does not hold any more."""
        open_to_all = (self.door, self.listed, self.guests, self.locked, self.slow) == ("open", True, "on", False, 0)
        return open_to_all and not (self.moderators or self.muted or self.banned or self.hidden or self.deleted)

    def moderates(self, person: str) -> bool:
        """Return whether somebody is the room's owner or one of its moderators."""
        return is_key_id(person) and (person == self.owner or person in self.moderators)

    def hides(self, event: Event) -> bool:
        """Return whether the words of an event are hidden."""
        return self.hides_said(event.author.id, event.seq, event.at)

    def hides_said(self, author: str, seq: int, at: int) -> bool:
        """Return whether the words are hidden that somebody said at a seq and a time."""
        return any(author == each.person and seq < each.seq and at >= each.since for each in self.hidden)

    def veiled(self, event: Event) -> Event:
        """Return an event as people are sent it: without its words when they are hidden."""
        if not self.hides(event):
            return event
        return msgspec.structs.replace(event, body=Body(target=event.body.target))

    def renews(self, rule: Rule) -> bool:
        """Return whether a rule closes the door anew: who is inside stays, everybody else has to come through it."""
        return rule.change == "door" and (rule.door == "passphrase" or self.door == "open" != rule.door)

    def standing(self, now: int) -> tuple[Invitation, ...]:
        """Return the invitations that stand at a time in milliseconds, in the order in which they were made."""
        return tuple(each for each in self.invitations if each.until > now)

    def invitation(self, ticket: str) -> Invitation | None:
        """Return an invitation that was made and not used up or taken back, whether or not it has ended."""
        return next((each for each in self.invitations if each.ticket == ticket), None)

    def check(self, author: str, rule: Rule, now: int) -> None:
        """Return if somebody may make a rule now.

        Args:
            author: their id.
            rule: the rule.
            now: when, in milliseconds by the clock of the room's home.

        Raises:
            NotModerator: they have no right to it.
            InvalidInvitation: the invitation that it is about does not stand.
            Banned, RoomLocked: whom it names cannot be let in by an invitation.
            InvalidFrame: nobody whom it names can become a moderator.
            LimitReached: too many are named already.
        """
        if rule.of_entry:
            self._check_entry(author, rule, now)
            return
        if not self.moderates(author):
            raise NotModerator
        if author != self.owner:
            if rule.change in _OF_OWNER:
                raise NotModerator("Only the owner of this room can do that.")
            if rule.change in _AGAINST and self.moderates(rule.person):
                raise NotModerator("Only the owner of this room can do that to a moderator.")
        if rule.change in _AGAINST and rule.person == self.owner:
            raise NotModerator("Nobody can do that to the owner of the room.")
        if rule.change == "moderator" and rule.on and not is_key_id(rule.person):
            raise InvalidFrame(
                "Only somebody who has Lanchat can be a moderator: a guest has no key to sign rules with."
            )
        self._changed(rule)

    def follow(self, event: Event) -> tuple["Policy", Rule | None]:
        """Return what holds after an event, and the rule that it is, if its author may make it now; None otherwise."""
        if event.kind != "rule" or event.body.origin:
            return self._taking_in(event), None
        try:
            rule = read_rule(event.body.text)
            self.check(event.author.id, rule, event.at)
        except (RefusedError, InvalidFrame, LimitReached):
            return self, None
        if rule.change == "unite" and (self.heir or not heir_of(event.room, event.author.id, event.body.text)):
            return self, None
        return self._after(rule, event), rule

    def _after(self, rule: Rule, event: Event) -> "Policy":
        """Return the policy after a rule that its author may make."""
        match rule.change:
            case "hide":
                return self._hide(Hidden(rule.person, rule.since, event.seq))
            case "delete":
                return msgspec.structs.replace(self, deleted=event)
            case "unite":
                return msgspec.structs.replace(self, heir=event)
            case _ if rule.of_entry:
                return self._let_in(event.author.id, rule, event.at)
            case _:
                return self._changed(rule)

    def _taking_in(self, event: Event) -> "Policy":
        """Return the policy after what was said in another room: only the word counts by which that goes on as this."""
        origin, known = event.body.origin, self.united
        if (
            event.kind != "rule"
            or origin in known
            or not takes_in(event.room, known, origin, event.author.id, event.body.text)
        ):
            return self
        return msgspec.structs.replace(self, united={**known, origin: event})

    def marked(self, info: RoomInfo) -> RoomInfo:
        """Return a line of the list of rooms with what holds there."""
        return msgspec.structs.replace(info, door=self.door, locked=self.locked, listed=self.listed, guests=self.guests)

    def notice(self, room: str, *, keyless: bool) -> PolicyNotice:
        """Return the policy of a room as people there are told it."""
        return PolicyNotice(
            room=room,
            owner=self.owner,
            door=self.door,
            listed=self.listed,
            guests=self.guests,
            slow=self.slow,
            continues=self.continues,
            locked=self.locked,
            topic=self.topic,
            moderators=sorted(self.moderators),
            muted=sorted(self.muted),
            banned=sorted(self.banned),
            keyless=keyless,
        )

    def _check_entry(self, author: str, rule: Rule, now: int) -> None:
        if not is_key_id(author) or author in self.banned or author in self.muted:
            raise NotModerator
        ticket = ticket_of(rule.proof) if rule.proof else rule.ticket
        known = next((each for each in self.standing(now) if each.ticket == ticket), None)
        match rule.change:
            case "invite":
                if known is not None:
                    raise InvalidInvitation("This invitation was made already.")
                if len(self.standing(now)) >= MOST_NAMED:
                    raise LimitReached(f"{MOST_NAMED} invitations stand, which is the most; take some back first.")
            case "revoke":
                if known is None:
                    raise InvalidInvitation("There is no such invitation into this room, or not any more.")
                if known.by != author and not self.moderates(author):
                    raise NotModerator("Only who made an invitation, or a moderator, can take it back.")
            case _:
                self._check_admission(author, rule, known)

    def _check_admission(self, author: str, rule: Rule, known: Invitation | None) -> None:
        if rule.person in self.banned:
            raise Banned("This person is banned from the room.")
        if not self.moderates(author):
            if not rule.proof:
                raise NotModerator
            if self.locked:
                raise RoomLocked
        if rule.proof and known is None:
            raise InvalidInvitation
        _put(self.admitted, rule)

    def _let_in(self, author: str, rule: Rule, now: int) -> "Policy":
        """Return the policy after an invitation was made, taken back or used."""
        ticket = ticket_of(rule.proof) if rule.proof else rule.ticket
        others = tuple(each for each in self.standing(now) if each.ticket != ticket)
        if rule.change == "invite":
            made = Invitation(ticket, author, rule.single, now + 1_000 * rule.seconds)
            return msgspec.structs.replace(self, invitations=(*others, made))
        if rule.change == "revoke":
            return msgspec.structs.replace(self, invitations=others)
        used = self.invitation(ticket)
        left = self.standing(now) if used is None or not used.single else others
        return msgspec.structs.replace(self, invitations=left, admitted=_put(self.admitted, rule))

    def _changed(self, rule: Rule) -> "Policy":
        """Return the policy with a rule in it. Raises LimitReached."""
        plain: dict[str, object] = {
            "door": rule.door,
            "guests": rule.guests,
            **dict.fromkeys(("listed", "locked"), rule.on),
            **dict.fromkeys(("slow", "continues"), rule.seconds),
            **dict.fromkeys(("name", "topic"), rule.text),
        }
        changes: dict[str, object] = {rule.change: plain[rule.change]} if rule.change in plain else {}
        match rule.change:
            case "door" if self.renews(rule):
                changes |= {"admitted": frozenset()}  # who is inside is let in anew by their node
            case "moderator":
                changes = {"moderators": _put(self.moderators, rule)}
                if rule.on:
                    changes |= {"muted": self.muted - {rule.person}, "banned": self.banned - {rule.person}}
            case "mute":
                changes = {"muted": _put(self.muted, rule)}
            case "ban":
                changes = {"banned": _put(self.banned, rule)}
                if rule.on:
                    changes |= {
                        "moderators": self.moderators - {rule.person},
                        "admitted": self.admitted - {rule.person},
                    }
            case _:
                pass
        return msgspec.structs.replace(self, **changes)

    def _hide(self, more: Hidden) -> "Policy":
        """Return the policy with more hidden; what is within it is not kept twice."""
        others = (each for each in self.hidden if each.person != more.person or each.since < more.since)
        return msgspec.structs.replace(self, hidden=(*others, more)[-MOST_NAMED:])


def _put(people: frozenset[str], rule: Rule) -> frozenset[str]:
    if not rule.on:
        return people - {rule.person}
    if len(people) >= MOST_NAMED and rule.person not in people:
        raise LimitReached(f"{MOST_NAMED} people are named so already, which is the most; take one back first.")
    return people | {rule.person}
