"""The rows of a damaged database, put back into the tables of a new one."""

from typing import Any, NamedTuple, get_args

import apsw
import msgspec

from lanchat.chat.journal import keys, reading
from lanchat.chat.journal.pages import Pages, Row
from lanchat.chat.protocol import Kind

_KINDS = frozenset(get_args(Kind))


class _Form(NamedTuple):
    """How the rows of one table look, and where they go. A key that is the rowid is None in the row itself."""

    has_key: bool
    shape: Any
    statement: str


_ENTRY = _Form(
    True,
    tuple[None, int, str, str, str, int, str, str, int | None],
    "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
)
_FORMS = (
    _Form(
        True,
        tuple[None, str, str, str, str, int, int, str],
        "INSERT OR IGNORE INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    _ENTRY,
    _Form(True, tuple[None, str, str, str, str, str, str], "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?)"),
    _Form(False, tuple[str, str], "INSERT OR IGNORE INTO setting VALUES (?, ?)"),
    # The index of nonces says which events there were, also where their rows are lost.
    _Form(False, tuple[int, str, int], "INSERT OR IGNORE INTO seen SELECT ?3 WHERE ?1 = ?3 >> 40 AND ?2 != ''"),
)
_BY_WIDTH = {(form.has_key, len(get_args(form.shape))): form for form in _FORMS}


def salvage(pages: Pages, connection: apsw.Connection) -> bool:
    """Put every row that makes sense into its table, and the keys of all events that there were into `temp.seen`.

    Args:
        pages: of the damaged file.
        connection: to a new database, inside a transaction.

    Returns:
        Whether any row was one of ours.
    """
    connection.execute("CREATE TEMP TABLE seen (key INTEGER PRIMARY KEY)")
    for row in pages.rows():
        form = _BY_WIDTH.get((row.key is not None, len(row.values)))
        if form is not None and (values := _values(form, row)) is not None:
            connection.execute(form.statement, values)
    ours = "SELECT EXISTS (SELECT 1 FROM room) OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM setting)"
    return bool(connection.execute(ours).get)


def _values(form: _Form, row: Row) -> tuple[Any, ...] | None:
    try:
        values: tuple[Any, ...] = msgspec.convert(row.values, form.shape)
        if form is _ENTRY:
            reading.body_of(values[7])
            if values[6] not in _KINDS or not (row.key or 0) & keys.HIGHEST > 0:
                return None
    except msgspec.MsgspecError:
        return None
    return values if row.key is None else (row.key, *values[1:])
