import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from lanchat.archive.formats.fold import fold
from lanchat.journal import reading, rooms
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author, Body, Event
from tests.support.journal.sayings import deletion, edit, everything, reaction, say
from tests.support.rooms.said import ADA, BOB, event, record

CASES = json.loads((Path(__file__).parents[3] / "cases" / "fold.json").read_text("utf-8"))


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    with closing(open_writer(Path(":memory:"))) as connection:
        rooms.put_room(Transaction(connection), record())
        yield connection


def test_messages_read_as_they_are_now_however_the_run_is_cut(connection: apsw.Connection) -> None:
    say(connection, "one", "two", reaction(1), edit(1, "uno"), reaction(1, author=ADA), "three", edit(1, "eins"))
    say(connection, reaction(1, off=True), deletion(2), reaction(6, "🎉"), reaction(6, "🎉", off=True))
    for cut in range(1, 12):
        first, second = everything(connection)[:cut], everything(connection)[cut:]
        shown = [message for run in (first, second) for message in fold(run, reading.later(connection, "r1", run))]
        assert [(item.event.seq, item.text, item.edited, item.deleted) for item in shown] == [
            (1, "eins", True, False),
            (2, "", False, True),
            (6, "three", False, False),
        ]
        assert [item.crowds for item in shown] == [[("👍", [ADA])], [], []]


def newest(changes: list[Event]) -> list[Event]:
    """Of each kind the newest, of reactions that of each author and emoji: what `later` gives at most."""
    found = {}
    for change in changes:
        found[change.kind, change.kind == "reaction" and (change.author.id, change.body.emoji)] = change
    return list(found.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_messages_read_as_the_page_shows_them(case: dict[str, Any]) -> None:
    message = event(7, "said", nonce="n7")
    changes = [
        msgspec.structs.replace(
            event(change["seq"]),
            author=Author(id=change["author"], nick=change["author"]),
            kind=change["kind"],
            body=msgspec.convert(change["body"], Body),
        )
        for change in case["changes"]
    ]
    for run, later in (
        ([message, *changes], []),
        ([message], changes),
        ([message], newest(changes)),
        ([*changes, message], []),
        ([message, *changes], changes[::-1]),
    ):
        [shown] = fold(run, later)
        reads = {"text": shown.text, "edited": shown.edited, "deleted": shown.deleted}
        reactions = [[emoji, [author.nick for author in people]] for emoji, people in shown.crowds]
        assert reads | {"reactions": reactions} == case["reads"]


def test_what_names_itself_is_about_nothing(connection: apsw.Connection) -> None:
    """So reads what an older version kept about a message that it did not keep any more."""
    say(connection, "one")
    itself = msgspec.structs.replace(event(2, nonce="e"), kind="edit", author=BOB, body=Body(text="x", target="e"))
    [shown] = fold([*everything(connection), itself], [])
    assert (shown.text, shown.edited) == ("one", False)
