"""What holds after each of a room's events."""

from collections.abc import Iterable, Iterator

from lanchat.protocol.door import Rule
from lanchat.protocol.policy.policy import Policy
from lanchat.protocol.replies import Event


def followed(owner: str, events: Iterable[Event]) -> Iterator[tuple[Event, Policy, Rule | None]]:
    """Give each event of a room, what holds after it, and the rule that it is; None where it changes nothing.

    What a home gives once more changes nothing: a signature is good for one nonce.

    Args:
        owner: id of the person whose room it is.
        events: in their order; those that are no rules change nothing.
    """
    policy, said = Policy(owner), set[str]()
    for event in events:
        rule: Rule | None = None
        if event.nonce not in said:
            policy, rule = policy.follow(event)
        said.add(event.nonce)
        yield event, policy, rule


def fold(owner: str, events: Iterable[Event]) -> Policy:
    """Return what holds after events of a room, in their order. As `followed`."""
    held = [policy for _, policy, _ in followed(owner, events)]
    return held[-1] if held else Policy(owner)
