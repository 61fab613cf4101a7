"""What a rule did, in words: the line in a terminal and in a saved page. The page's own are in its catalogue."""

from collections.abc import Callable

from lanchat.errors import InvalidFrame
from lanchat.protocol import Rule, read_rule

_PLAIN = {
    ("door", "open"): "opened the room to everybody",
    ("door", "passphrase"): "set a new passphrase; only who knows it comes in",
    ("door", "invite"): "closed the door; one comes in by invitation",
    ("listed", True): "put the room into lists",
    ("listed", False): "took the room out of all lists",
    ("guests", "on"): "lets guests read and write",
    ("guests", "read"): "lets guests read, but not write",
    ("guests", "off"): "lets no guests in",
    ("name", True): "called the room “{}”",
    ("topic", True): "says what the room is about: {}",
    ("topic", False): "took back what the room is about",
    ("delete", True): "deleted the room for everybody",
    ("unite", True): "let two rooms of this name become one",
    ("locked", True): "locked the room",
    ("locked", False): "unlocked the room",
    ("moderator", True): "made {} a moderator",
    ("moderator", False): "made {} a moderator no more",
    ("mute", True): "muted {}",
    ("mute", False): "lets {} write again",
    ("ban", True): "banned {}",
    ("ban", False): "lifted the ban of {}",
    ("kick", True): "sent {} out",
    ("hide", True): "hid what {} said",
    ("invite", True): "made an invitation for one person",
    ("invite", False): "made an invitation for many",
    ("revoke", True): "took an invitation back",
    ("admit", True): "let {} in by an invitation",
    ("admit", False): "let {} in",
}
_UNKNOWN = "changed what holds in the room"
_NEVER_ALONE = "lets the room go on only where somebody says so"


def rule_words(text: str, name: Callable[[str], str]) -> str:
    """Return what the rule that a text says did, as it goes on behind the name of who made it.

    Args:
        text: of the event.
        name: returns how the person of an id is called.
    """
    try:
        rule = read_rule(text)
    except InvalidFrame:
        return _UNKNOWN
    if rule.change == "slow":
        return f"turned slow mode on: one message in {rule.seconds} seconds" if rule.seconds else "turned slow mode off"
    if rule.change == "continues":
        return f"lets the room go on by itself after {rule.seconds} seconds" if rule.seconds else _NEVER_ALONE
    whom = rule.text if rule.change in {"name", "topic"} else name(rule.person)
    # Somebody may write that a deletion is off, which means nothing.
    words = _PLAIN.get((rule.change, _value(rule)), _UNKNOWN).format(whom)
    return (
        f"{words} and the address where they come from" if rule.change == "ban" and rule.on and rule.address else words
    )


def _value(rule: Rule) -> object:
    """Return which of the words of a kind of rule are meant."""
    given: dict[str, object] = {
        "door": rule.door,
        "guests": rule.guests,
        "topic": bool(rule.text),
        "invite": rule.single,
        "admit": bool(rule.proof),
    }
    return given.get(rule.change, rule.on)
