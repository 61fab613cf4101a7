"""What holds in a room: the fold of the rules that were said in it, in their order. Pure.

Rules are events, so they survive what events survive, and every node that has the history comes to the same policy. A
rule of somebody who may not make it changes nothing, whoever numbered it.
"""

from collections.abc import Iterable

import msgspec

from lanchat.errors import InvalidFrame, LimitReached, NotModerator, RefusedError
from lanchat.protocol import Body, Entry, Event, Guests, PolicyNotice, Rule, is_key_id, read_rule

MOST_NAMED = 1_000
"""Most people in each list of a policy: moderators, muted, banned."""
_OF_OWNER = frozenset({"door", "listed", "guests", "moderator", "delete"})
"""What moderators cannot change."""
_AGAINST = frozenset({"mute", "ban", "kick", "hide"})
"""What is done to somebody."""


class Hidden(msgspec.Struct, frozen=True):
    """What of somebody is hidden: everything that they said before the event `seq`, from the time `since` on (ms)."""

    person: str
    since: int
    seq: int


class Policy(msgspec.Struct, frozen=True):
    """What holds in a room at one point of its history.

    Attributes:
        owner: id of the person whose room it is; empty where that is not known, and then nobody makes rules.
        door: how one comes in.
        listed: whether the room is announced and in lists.
        guests: what people without a key may do.
        slow: seconds between two messages of one person; 0 for none.
        locked: whether nobody new comes in.
        name: how the room was renamed; empty when it never was.
        topic: what the room is about.
        deleted: the event by which the room is over for everybody; None while it is not.
        moderators: ids of the people who may do nearly as much as the owner.
        muted: ids of those who may only read.
        banned: ids of the people and nodes who may not come in.
        hidden: what is hidden.
    """

    owner: str = ""
    door: Entry = "open"
    listed: bool = True
    guests: Guests = "on"
    slow: int = 0
    locked: bool = False
    name: str = ""
    topic: str = ""
    deleted: Event | None = None
    moderators: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    banned: frozenset[str] = frozenset()
    hidden: tuple[Hidden, ...] = ()

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

    def check(self, author: str, rule: Rule) -> None:
        """Return if somebody may make a rule now.

        Raises:
            NotModerator: they have no right to it.
            InvalidFrame: nobody whom it names can become a moderator.
            LimitReached: too many are named already.
        """
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

    def rule_of(self, event: Event) -> Rule | None:
        """Return the rule that an event is, if its author may make it now; None otherwise."""
        if event.kind != "rule":
            return None
        try:
            rule = read_rule(event.body.text)
            self.check(event.author.id, rule)
        except (RefusedError, InvalidFrame, LimitReached):
            return None
        return rule

    def after(self, event: Event) -> "Policy":
        """Return what holds after an event: something else only when it is a rule of somebody who may make it."""
        rule = self.rule_of(event)
        if rule is None:
            return self
        if rule.change == "hide":
            return self._hide(Hidden(rule.person, rule.since, event.seq))
        if rule.change == "delete":
            return msgspec.structs.replace(self, deleted=event)
        return self._changed(rule)

    def notice(self, room: str, *, keyless: bool) -> PolicyNotice:
        """Return the policy of a room as people there are told it."""
        return PolicyNotice(
            room=room,
            owner=self.owner,
            door=self.door,
            listed=self.listed,
            guests=self.guests,
            slow=self.slow,
            locked=self.locked,
            topic=self.topic,
            moderators=sorted(self.moderators),
            muted=sorted(self.muted),
            banned=sorted(self.banned),
            keyless=keyless,
        )

    def _changed(self, rule: Rule) -> "Policy":
        """Return the policy with a rule in it. Raises LimitReached."""
        plain: dict[str, object] = {
            "door": rule.door,
            "listed": rule.on,
            "guests": rule.guests,
            "slow": rule.seconds,
            "locked": rule.on,
            "name": rule.text,
            "topic": rule.text,
        }
        changes: dict[str, object] = {rule.change: plain[rule.change]} if rule.change in plain else {}
        match rule.change:
            case "moderator":
                changes = {"moderators": _put(self.moderators, rule)}
                if rule.on:
                    changes |= {"muted": self.muted - {rule.person}, "banned": self.banned - {rule.person}}
            case "mute":
                changes = {"muted": _put(self.muted, rule)}
            case "ban":
                changes = {"banned": _put(self.banned, rule)}
                if rule.on:
                    changes |= {"moderators": self.moderators - {rule.person}}
            case _:
                pass
        return msgspec.structs.replace(self, **changes)

    def _hide(self, more: Hidden) -> "Policy":
        """Return the policy with more hidden; what is within it is not kept twice."""
        others = (each for each in self.hidden if each.person != more.person or each.since < more.since)
        return msgspec.structs.replace(self, hidden=(*others, more)[-MOST_NAMED:])


def fold(owner: str, events: Iterable[Event]) -> Policy:
    """Return what holds after events of a room, in their order. What a home gives once more changes nothing.

    Args:
        owner: id of the person whose room it is.
        events: rules; others change nothing.
    """
    policy, said = Policy(owner), set[str]()
    for event in events:
        if event.nonce not in said:
            policy = policy.after(event)
        said.add(event.nonce)
    return policy


def _put(people: frozenset[str], rule: Rule) -> frozenset[str]:
    if not rule.on:
        return people - {rule.person}
    if len(people) >= MOST_NAMED and rule.person not in people:
        raise LimitReached(f"{MOST_NAMED} people are named so already, which is the most; take one back first.")
    return people | {rule.person}
