"""How a run of events reads: messages, with what was said about them folded in."""

from collections.abc import Sequence

import msgspec

from lanchat.protocol import Event


class Shown(msgspec.Struct):
    """A message as it reads now.

    Attributes:
        event: the message.
        text: its text after the last edit.
        edited: whether there was one.
        deleted: whether it was deleted; its text is not to be shown then.
        reactions: who reacts with what, in the order of the first of each.
    """

    event: Event
    text: str
    edited: bool = False
    deleted: bool = False
    reactions: dict[str, dict[str, str]] = {}

    @property
    def crowds(self) -> list[tuple[str, list[str]]]:
        """Each emoji and the names of those who react with it."""
        return [(emoji, list(people.values())) for emoji, people in self.reactions.items() if people]


def fold(run: Sequence[Event], later: Sequence[Event]) -> list[Shown]:
    """Return the messages of a run as they read, with what was said later about them (journal.reading.later)."""
    shown = {event.seq: Shown(event, event.body.text) for event in run if event.kind == "message"}
    for event in sorted([*run, *later], key=lambda event: event.seq):
        if event.kind != "message" and event.body.target in shown:
            _apply(shown[event.body.target], event)
    return list(shown.values())


def _apply(shown: Shown, event: Event) -> None:
    match event.kind:
        case "edit":
            shown.text, shown.edited = event.body.text, True
        case "deletion":
            shown.deleted = True
        case "reaction" if event.body.off:
            shown.reactions.get(event.body.emoji, {}).pop(event.author.id, None)
        case _:
            shown.reactions.setdefault(event.body.emoji, {})[event.author.id] = event.author.nick
