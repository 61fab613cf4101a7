"""How a run of events reads: messages, with what was said about them folded in.

The page folds by the same rule (tests/cases/fold.json): of each author and emoji only the newest reaction counts, and
by it the reactions stand in their order. So a run with everything in it, and one whose `later` has only the newest of
what came after it, read the same.
"""

from collections.abc import Sequence

import msgspec

from lanchat.protocol import Author, Event


class Shown(msgspec.Struct):
    """A message as it reads now.

    Attributes:
        event: the message.
        text: its text after the last edit.
        edited: whether there was one.
        deleted: whether it was deleted; there is nothing else to show then.
        reactions: emoji and author's id of each reaction that stands, and its author, the newest last.
    """

    event: Event
    text: str
    edited: bool = False
    deleted: bool = False
    reactions: dict[tuple[str, str], Author] = {}

    @property
    def crowds(self) -> list[tuple[str, list[Author]]]:
        """Each emoji and those who react with it."""
        crowds: dict[str, list[Author]] = {}
        for (emoji, _), author in self.reactions.items():
            crowds.setdefault(emoji, []).append(author)
        return list(crowds.items())


def fold(run: Sequence[Event], later: Sequence[Event]) -> list[Shown]:
    """Return the messages of a run as they read, with what was said later about them (journal.reading.later)."""
    shown = {event.nonce: Shown(event, event.body.text) for event in run if event.kind == "message"}
    for event in sorted([*run, *later], key=lambda event: event.seq):
        if event.kind != "message" and event.body.target in shown:
            _apply(shown[event.body.target], event)
    return list(shown.values())


def _apply(shown: Shown, event: Event) -> None:
    match event.kind:
        case _ if shown.deleted:
            pass
        case "edit":
            shown.text, shown.edited = event.body.text, True
        case "deletion":
            shown.text, shown.edited, shown.deleted, shown.reactions = "", False, True, {}
        case "reaction":
            shown.reactions.pop((event.body.emoji, event.author.id), None)
            if not event.body.off:
                shown.reactions[event.body.emoji, event.author.id] = event.author
