"""What Lanchat left behind before events named their message by its nonce (tests/cases/before/README.md)."""

import shutil
from pathlib import Path

import apsw

from lanchat.archive.formats.fold import fold
from lanchat.journal import reading

BEFORE = Path(__file__).parents[2] / "cases" / "before"
EXPORT = BEFORE / "kitchen.jsonl"
KITCHEN = [
    ("Tea is ready", True, [("🎉", ["Bob"]), ("👍", ["Bob"])]),
    ("Who has the key?", False, []),
    ("", False, []),
]
"""How the room reads: the text of each message, whether it was edited, and who reacts with what."""
GARDEN = [("The gate is open", False, [("👍", ["Ada"])]), ("Roses and mint", True, [])]
TARGETS = {
    "gone-edit": "gone-edit",
    **dict.fromkeys(("tea-edit", "up", "party", "up-off", "up-again", "tea-edit-2"), "tea"),
    **dict.fromkeys(("eyes", "eyes-off"), "key"),
    "slip-gone": "slip",
}
"""Which message each change in the kitchen is about; that of the first one is not kept any more."""


def leave(name: str, database: Path) -> None:
    """Put a copy of one of the databases where a node looks for its own."""
    shutil.copyfile(BEFORE / name, database)


def readings(
    connection: apsw.Connection, room: str, run: int = 3
) -> list[tuple[str, bool, list[tuple[str, list[str]]]]]:
    """Return how a room reads, folded in runs of a few events, as pages come."""
    shown, seq = [], 0
    while events := reading.after(connection, room, seq, run):
        shown += fold(events, reading.later(connection, room, events))
        seq = events[-1].seq
    return [
        (item.text, item.edited, [(emoji, [author.nick for author in people]) for emoji, people in item.crowds])
        for item in shown
    ]
