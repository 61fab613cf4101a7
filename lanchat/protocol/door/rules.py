"""What holds in a room: each rule is an event of the kind `rule`, whose text is one change as JSON.

It is text, so that what its author signed is what everybody reads, byte by byte.
"""

import hashlib
import re
from typing import Literal

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.protocol.limits import MAX_INVITATION
from lanchat.protocol.parts import Entry, Guests, Part

MAX_SLOW = 3_600
"""Longest pause between two messages of one person in slow mode, in seconds."""
MIN_PATIENCE = 10
"""Shortest time without a quorum after which a room goes on by itself, in seconds: by then others were elected."""
MAX_PATIENCE = 86_400
"""Longest such time, in seconds."""
MAX_TITLE = 40
"""Longest name of a room, in characters."""
MAX_TOPIC = 200
"""Longest topic of a room, in characters."""
MAX_RULE = 600
"""Longest rule, in characters."""
_HIGHEST = 2**53
_hash = re.compile(r"[0-9a-f]{64}")
_half = re.compile(r"[0-9a-f]{32}")

Change = Literal[
    "door",
    "listed",
    "guests",
    "slow",
    "continues",
    "locked",
    "name",
    "topic",
    "moderator",
    "mute",
    "ban",
    "kick",
    "hide",
    "delete",
    "invite",
    "revoke",
    "admit",
    "unite",
]
"""What one rule changes."""
_unseen = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ABOUT_PEOPLE = frozenset({"moderator", "mute", "ban", "kick", "hide", "admit"})
_OF_ENTRY = frozenset({"invite", "revoke", "admit"})
_ABOUT_TICKETS = frozenset({"invite", "revoke"})
_LONGEST = {"slow": MAX_SLOW, "continues": MAX_PATIENCE, "invite": MAX_INVITATION}


class Rule(Part, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One change of what holds in a room. `change` says which, and which of the other fields count.

    `door`: `door`, how one comes in. `listed`: `on`, whether the room is in lists. `guests`: `guests`, what people
    without Lanchat may do. `slow`: `seconds` between two messages of one person, 0 for none. `continues`: after how
    many `seconds` without a quorum a node that decides goes on by itself, 0 for never. `locked`: `on`, whether nobody
    new comes in. `name`, `topic`: `text`, how the room is called, and what it is about. `moderator`, `mute`,
    `ban`: `on`, for the person of the id `person`; a ban also takes the id of a node, and with `address` it is for the
    address from which the person comes as well. `kick`: the person goes out now. `hide`: what the person said since
    `since` (milliseconds since 1970) is hidden. `delete`: the room is over, and everybody who has it deletes it.

    `invite`: whoever has the code of the invitation `ticket` may be admitted for `seconds` from then on, and only one
    of them when it is `single`. `revoke`: the invitation `ticket` ends. `admit`: the person may come in from now on,
    because they showed the code that belongs to `proof`, or because a moderator says so. `ticket_of` a proof is the
    invitation, `proof_of` a code the proof: neither says the code.

    `unite`: this room goes on as the room `into`, and what was said in it may be said there. With `salt` everybody can
    check by the room's id that its owner says so.
    """

    change: Change
    door: Entry = "open"
    guests: Guests = "on"
    on: bool = True
    seconds: int = 0
    person: str = ""
    address: bool = False
    since: int = 0
    text: str = ""
    ticket: str = ""
    single: bool = False
    proof: str = ""
    into: str = ""
    salt: str = ""

    @property
    def of_entry(self) -> bool:
        """Whether it is about who comes in: of an invitation of theirs, or with its proof, everybody may say it."""
        return self.change in _OF_ENTRY


_decoder = msgspec.json.Decoder(Rule)


def read_rule(text: str) -> Rule:
    """Return the rule that a text says.

    Raises:
        InvalidFrame: it says none; the sentence names what is wrong.
    """
    if len(text) > MAX_RULE:
        raise InvalidFrame(f"rule: it has {len(text)} characters; the most is {MAX_RULE}.")
    try:
        rule = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidFrame(f"rule: {error}.") from None
    if (rule.change in _ABOUT_PEOPLE) != bool(rule.person) or len(rule.person) > 64:  # noqa: PLR2004
        raise InvalidFrame("rule: what is about somebody has the id of a person, and nothing else has.")
    longest = _LONGEST.get(rule.change, 0)
    if not 0 <= rule.seconds <= longest or not 0 <= rule.since <= _HIGHEST:
        raise InvalidFrame(f"rule: seconds of {rule.change!r} is 0 to {longest}, since a time in milliseconds.")
    if rule.change == "continues" and 0 < rule.seconds < MIN_PATIENCE:
        raise InvalidFrame(f"rule: seconds of 'continues' is 0, or at least {MIN_PATIENCE}.")
    if (rule.change in _ABOUT_TICKETS) != bool(_hash.fullmatch(rule.ticket)):
        raise InvalidFrame("rule: what is about an invitation has 64 hexadecimal digits as its ticket.")
    if rule.change == "admit":
        if not rule.on or (rule.proof and not _hash.fullmatch(rule.proof)):
            raise InvalidFrame("rule: admit is on, and its proof has 64 hexadecimal digits.")
    elif rule.proof:
        raise InvalidFrame("rule: only admit has a proof.")
    _check_heir(rule)
    _check_text(rule)
    return rule


def _check_heir(rule: Rule) -> None:
    """Return if a rule names another room as it may."""
    given = (rule.into, rule.salt)
    if rule.change == "unite" and not all(map(_half.fullmatch, given)):
        raise InvalidFrame("rule: unite has the id of another room and its own salt, 32 hexadecimal digits each.")
    if rule.change != "unite" and any(given):
        raise InvalidFrame("rule: only unite names another room.")


def _check_text(rule: Rule) -> None:
    """Return if a text is one that everybody may be shown. What a node wants of a name beyond that, its door says."""
    most = {"name": MAX_TITLE, "topic": MAX_TOPIC}.get(rule.change, 0)
    if len(rule.text) > most or _unseen.search(rule.text) or rule.text != rule.text.strip():
        raise InvalidFrame(
            f"rule: a name has at most {MAX_TITLE} characters, a topic {MAX_TOPIC}, in one line without spaces around"
            " it, and nothing else has a text."
        )
    if rule.change == "name" and not rule.text:
        raise InvalidFrame("rule: a room has a name.")


def write_rule(rule: Rule) -> str:
    """Return the text that says a rule."""
    return msgspec.json.encode(rule).decode()


def proof_of(code: str) -> str:
    """Return what proves that somebody showed the code of an invitation, without saying it: 64 hexadecimal digits."""
    return hashlib.sha256(b"lanchat invitation 1\n" + code.encode("utf-8", "surrogatepass")).hexdigest()


def ticket_of(proof: str) -> str:
    """Return the invitation that a proof is for. Everybody in the room knows it, and nobody can prove by it."""
    return hashlib.sha256(f"lanchat ticket 1\n{proof}".encode()).hexdigest()


def room_id(owner: str, salt: str) -> str:
    """Return the id of the room that this person opened: whoever has it can check whose room it is.

    Args:
        owner: id of the person.
        salt: 32 random hexadecimal digits.
    """
    return hashlib.sha256(f"lanchat room 1\n{owner}\n{salt}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
