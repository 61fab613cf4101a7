"""The frames by which one comes into a room that has a door, and lets others in."""

import re
from collections.abc import Callable
from typing import Any

from lanchat.errors import InvalidFrame
from lanchat.protocol.door.sharing import Share, check_share
from lanchat.protocol.limits import MAX_ADDRESS, MAX_INVITATION, MAX_PASSPHRASE, MIN_PASSPHRASE
from lanchat.protocol.parts import AnswerFrame, CommandFrame, Entry, Frame, Guests, Part

_HIGHEST = 2**63 - 1
_MOST_PLACES = 8
_hex = re.compile(r"[0-9a-f]{64,66}")
_key = re.compile(r"[0-9a-f]{64}")


class Enter(CommandFrame, frozen=True, tag="enter"):
    """Come through the door of a room, by its passphrase or by the code of an invitation. Then join it."""

    room: str
    passphrase: str = ""
    invitation: str = ""


class Knock(CommandFrame, frozen=True, tag="knock"):
    """Begin to prove that you know a room's passphrase, without saying it: your share of SPAKE2, in hexadecimal."""

    room: str
    share: str


class Confirm(CommandFrame, frozen=True, tag="confirm"):
    """Prove that both sides know the same passphrase: the tag over both shares, in hexadecimal."""

    room: str
    tag: str


class Rules(CommandFrame, frozen=True, tag="rules"):
    """Ask for the rules of a room above `after`, those that are older than what is kept as well."""

    room: str
    after: int = 0


class Passphrase(CommandFrame, frozen=True, tag="passphrase"):
    """Set the passphrase of a room, and say the rule that its door wants one. For the window of the room's owner.

    The owner's node brings what it was made into to the room's home, as `key`; the rule comes by itself then.
    """

    room: str
    passphrase: str = ""
    key: str = ""


class Issue(CommandFrame, frozen=True, tag="issue"):
    """Make an invitation into a room, for `seconds`; a `single` one lets one person in."""

    room: str
    single: bool = True
    seconds: int = 600


class Tickets(CommandFrame, frozen=True, tag="tickets"):
    """Ask which invitations into a room stand, whoever made them."""

    room: str


class Revoke(CommandFrame, frozen=True, tag="revoke"):
    """Take back an invitation, by its id or its code."""

    room: str
    ticket: str


class Knocked(AnswerFrame, frozen=True, tag="knocked"):
    """Answer to knock: the node's share of SPAKE2, in hexadecimal."""

    room: str
    share: str


class Confirmed(AnswerFrame, frozen=True, tag="confirmed"):
    """Answer to confirm: you are let in, and this tag proves that the node knows the passphrase as well."""

    room: str
    tag: str


class Ticket(Part, frozen=True):
    """An invitation that stands, and the id of who made it. Only they knew the code.

    `until` is when it ends, in milliseconds since 1970 by the clock of the room's home.
    """

    id: str
    single: bool
    until: int
    by: str = ""


class Haven(Part, frozen=True):
    """Another node where guests come into a room: its name, and its `address` as `host:port`."""

    name: str
    address: str


class Havens(Frame, frozen=True, tag="havens"):
    """Where else guests come into a room when this node is gone, the likeliest first. For guests, and on every change.

    It replaces what was told before. They are nodes that vote in the room, at addresses from which they came.
    """

    room: str
    nodes: list[Haven]


class Issued(AnswerFrame, frozen=True, tag="issued"):
    """Answer to issue: the invitation, its code, and the `link` by which a browser goes in with it.

    `qr` has the link as a QR code: rows of 0 and 1. Both are empty where the node does not know its address.
    """

    room: str
    ticket: Ticket
    code: str
    link: str = ""
    qr: list[str] = []


class TicketList(AnswerFrame, frozen=True, tag="ticket_list"):
    """Answer to tickets: the invitations that stand, the newest first."""

    room: str
    tickets: list[Ticket]


class PolicyNotice(Frame, frozen=True, tag="policy"):
    """What holds in a room: after `joined`, and whenever a rule changes it. For windows, guests and scripts.

    `keyless` is true where the door wants a passphrase that this node does not know, so it can let no guest in by it.
    """

    room: str
    owner: str
    door: Entry = "open"
    listed: bool = True
    guests: Guests = "on"
    slow: int = 0
    continues: int = 0
    locked: bool = False
    topic: str = ""
    moderators: list[str] = []
    muted: list[str] = []
    banned: list[str] = []
    keyless: bool = False


def check_address(address: str, command: str = "open") -> None:
    """Return if an address may be one of a node, or of several, with commas between. Raises InvalidFrame."""
    places = address.split(",")
    if len(places) > _MOST_PLACES or any(len(place) > MAX_ADDRESS for place in places):
        raise InvalidFrame(f"{command}: at most {_MOST_PLACES} addresses, and {MAX_ADDRESS} characters of each.")


def _check_enter(enter: Enter) -> None:
    if bool(enter.passphrase) == bool(enter.invitation):
        raise InvalidFrame("enter: give either a passphrase or the code of an invitation.")
    _check_secret("enter", enter.passphrase or enter.invitation)


def _check_passphrase(passphrase: Passphrase) -> None:
    if bool(passphrase.passphrase) == bool(passphrase.key):
        raise InvalidFrame("passphrase: a window gives a passphrase, and a link a key.")
    if passphrase.key:
        _check_hex("passphrase: key", passphrase.key, _key)
        return
    _check_secret("passphrase", passphrase.passphrase)
    if len(passphrase.passphrase.strip()) < MIN_PASSPHRASE:
        raise InvalidFrame(f"passphrase: it has at least {MIN_PASSPHRASE} characters; a few words are easy to say.")


def _check_issue(issue: Issue) -> None:
    if not 1 <= issue.seconds <= MAX_INVITATION:
        raise InvalidFrame(f"issue: seconds is 1 to {MAX_INVITATION}.")


def _check_rules(rules: Rules) -> None:
    if not 0 <= rules.after <= _HIGHEST:
        raise InvalidFrame("rules: after is 0 or more.")


def _check_secret(command: str, secret: str) -> None:
    if not 1 <= len(secret) <= MAX_PASSPHRASE:
        raise InvalidFrame(f"{command}: passphrase and code have at most {MAX_PASSPHRASE} characters.")


def _check_hex(what: str, text: str, form: re.Pattern[str]) -> None:
    if not form.fullmatch(text):
        raise InvalidFrame(f"{what} is 64 to 66 hexadecimal digits.")


DOOR_CHECKS: dict[type, Callable[[Any], None]] = {
    Enter: _check_enter,
    Knock: lambda knock: _check_hex("knock: share", knock.share, _hex),
    Confirm: lambda confirm: _check_hex("confirm: tag", confirm.tag, _hex),
    Rules: _check_rules,
    Passphrase: _check_passphrase,
    Issue: _check_issue,
    Share: check_share,
    Revoke: lambda revoke: _check_secret("revoke", revoke.ticket),
}
"""What the types of these commands do not say."""
