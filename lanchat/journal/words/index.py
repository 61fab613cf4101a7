"""The index of words: for every message that stands, the words of its text as it reads now.

It is a table of FTS5 without the texts (https://sqlite.org/fts5.html#contentless_delete_tables), filled from the events
alone and in their order, so that it can be made anew at any time. It may lag behind them: the table `noted` has the seq
up to which the words of a room are in it.
"""

import itertools
from collections.abc import Sequence
from typing import cast

import apsw

from lanchat.journal import keys, reading
from lanchat.journal.words.tokens import TOKENIZER, apart

_TABLE = (
    "CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1, prefix='1 2 3',"
    f' tokenize="{" ".join(part if part.isalnum() or "_" in part else repr(part) for part in TOKENIZER)}")'
)
_BEHIND = """
SELECT number, coalesce(seq, 0) FROM room LEFT JOIN noted USING (number)
WHERE EXISTS (SELECT 1 FROM entry WHERE key > (number << 40) + coalesce(seq, 0) AND key <= (number << 40) + ?)
"""
_NEXT = "SELECT key, kind, body, target FROM entry WHERE key > ? AND key <= ? ORDER BY key LIMIT ?"

_PAGES = 64
"""Pages of the index that are joined in one transaction."""


def create(connection: apsw.Connection) -> None:
    """Make the empty table."""
    connection.execute(_TABLE)


def follow(connection: apsw.Connection, most: int) -> int:
    """Take the next events into the index, at most `most`; give how many they were, 0 when it is up to date."""
    done = 0
    behind = cast("list[tuple[int, int]]", connection.execute(_BEHIND, (keys.HIGHEST,)).fetchall())
    for number, noted in behind:
        base = number << 40
        rows = cast(
            "list[tuple[int, str, str, int | None]]",
            connection.execute(_NEXT, (base + noted, base + keys.HIGHEST, most - done)).fetchall(),
        )
        for plain, run in itertools.groupby(rows, lambda row: row[1] == "message"):
            if plain:
                _add(connection, [(key, body) for key, _, body, _ in run])
            else:
                for _, kind, body, target in run:
                    _note(connection, kind, body, target)
        connection.execute("INSERT OR REPLACE INTO noted VALUES (?, ?)", (number, rows[-1][0] - base))
        done += len(rows)
        if done >= most:
            break
    return done


def drop(connection: apsw.Connection, first: int, last: int) -> None:
    """Forget the words of the messages from key `first` to key `last`."""
    found = connection.execute("SELECT key FROM entry WHERE key BETWEEN ? AND ? AND kind = 'message'", (first, last))
    connection.executemany("DELETE FROM word WHERE rowid = ?", found.fetchall())


def join(connection: apsw.Connection, *, begin: bool) -> bool:
    """Join some pages of the pieces that the index has, so that nothing deleted is left in them.

    See https://sqlite.org/fts5.html#the_merge_command.

    Args:
        connection: inside a transaction.
        begin: whether all pieces are to be joined that there are now; else what was begun goes on.

    Returns:
        Whether there is more to join.
    """
    before = connection.total_changes()
    connection.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (-_PAGES if begin else _PAGES,))
    return begin or connection.total_changes() - before > 1


def _add(connection: apsw.Connection, messages: Sequence[tuple[int, str]]) -> None:
    # One statement for all: each one takes Python's lock from the event loop for a moment.
    values = ", ".join(["(?, ?)"] * len(messages))
    bindings = [value for key, body in messages for value in (key, _words(body))]
    connection.execute(f"INSERT INTO word (rowid, text) VALUES {values}", bindings)


def _note(connection: apsw.Connection, kind: str, body: str, target: int | None) -> None:
    if target is None:
        return
    if kind == "edit" and reading.stands(connection, target):
        connection.execute("INSERT OR REPLACE INTO word (rowid, text) VALUES (?, ?)", (target, _words(body)))
    elif kind == "deletion":
        drop(connection, target, target)


def _words(body: str) -> str:
    return apart(reading.body_of(body).text)
