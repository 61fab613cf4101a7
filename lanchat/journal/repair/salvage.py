"""The rows of a damaged database, put back into the tables of a new one."""

from typing import Any, NamedTuple, get_args

import apsw
import msgspec

from lanchat.journal import keys
from lanchat.journal.repair.pages import Pages, SavedRow
from lanchat.protocol import Kind

_KINDS = frozenset(get_args(Kind))
_FIRST = """
CREATE TEMP TABLE first_room (number INTEGER PRIMARY KEY, id, name, home_id, home_name, term, opened_itself, addresses);
CREATE TEMP TABLE first_event (room, seq, term, nonce, author_id, author_nick, at, kind, body);
CREATE TEMP TABLE first_outbox (place INTEGER PRIMARY KEY, room, nonce, author_id, author_nick, body);
CREATE TEMP TABLE first_seen (room, nonce, seq);
"""
"""What version 1 of the tables had. Its two indexes of nonces, of events and of the outbox, look the same."""
_LEAD = """
INSERT OR IGNORE INTO room SELECT *, '', '' FROM first_room;
INSERT OR IGNORE INTO outbox (place, room, nonce, author_id, author_nick, body, kind)
    SELECT *, 'message' FROM first_outbox;
INSERT OR IGNORE INTO entry (key, term, nonce, author_id, author_nick, at, kind, body)
    SELECT number << 40 | seq, said.term, nonce, author_id, author_nick, at, kind, body
    FROM first_event AS said JOIN room ON room.id = said.room WHERE seq BETWEEN 1 AND $highest;
INSERT OR IGNORE INTO seen
    SELECT number << 40 | seq, nonce FROM first_seen AS said JOIN room ON room.id = said.room
    WHERE seq BETWEEN 1 AND $highest
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.room = said.room AND outbox.nonce = said.nonce);
"""


class _Body(msgspec.Struct):
    """A body of any version: its target was a seq before version 3 of the tables."""

    text: str = ""
    target: int | str = ""
    emoji: str = ""
    off: bool = False


_body = msgspec.json.Decoder(_Body)


class _Form(NamedTuple):
    """How the rows of one table look, and where they go. A key that is the rowid is None in the row itself.

    A row that was written before version 4 of the tables ends before signature and voucher, whatever the file is now.

    What is said has its kind at the place `kind`, and its body behind that.
    """

    has_key: bool
    shape: Any
    statement: str
    kind: int = 0


_FORMS = (
    _Form(
        True,
        tuple[None, str, str, str, str, int, int, str, str, str],
        "INSERT OR IGNORE INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    _Form(  # a row from before rooms had owners is not written anew
        True,
        tuple[None, str, str, str, str, int, int, str],
        "INSERT OR IGNORE INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '')",
    ),
    _Form(
        True,
        tuple[None, int, str, str, str, int, str, str, int | None],
        f"INSERT OR IGNORE INTO entry SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '', '', 0 WHERE ?1 & {keys.HIGHEST}",
        kind=6,
    ),
    _Form(
        True,
        tuple[None, int, str, str, str, int, str, str, int | None, str, str],
        f"INSERT OR IGNORE INTO entry SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0 WHERE ?1 & {keys.HIGHEST}",
        kind=6,
    ),
    _Form(
        True,
        tuple[None, int, str, str, str, int, str, str, int | None, str, str, int],
        "INSERT OR IGNORE INTO entry SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
        f" WHERE ?1 & {keys.HIGHEST}",
        kind=6,
    ),
    _Form(
        True,
        tuple[None, str, str, str, str, str, str],
        "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, '', '', 0)",
    ),
    _Form(
        True,
        tuple[None, str, str, str, str, str, str, str, str],
        "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
    ),
    _Form(
        True,
        tuple[None, str, str, str, str, str, str, str, str, int],
        "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    _Form(False, tuple[str, str], "INSERT OR IGNORE INTO setting VALUES (?, ?)"),
    _Form(False, tuple[str, int, str], "INSERT OR IGNORE INTO rule VALUES (?, ?, ?)"),
    _Form(False, tuple[str, bytes], "INSERT OR IGNORE INTO passkey VALUES (?, ?)"),
    _Form(True, tuple[str, str], "INSERT OR IGNORE INTO pass SELECT ?2, ?3 WHERE ?1"),
    _Form(False, tuple[str, str, str], "INSERT OR IGNORE INTO barred VALUES (?, ?, ?)"),
    _Form(
        False,
        tuple[str, str, int, int, str, int, int, int],
        "INSERT OR IGNORE INTO membership VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    _Form(False, tuple[str, str, str, str, int], "INSERT OR IGNORE INTO grave VALUES (?, ?, ?, ?, ?)"),
    _Form(
        False,
        tuple[str, str, int, str, int, str, int],
        "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    _Form(False, tuple[str, int, int, int, str, int], "INSERT OR IGNORE INTO turn VALUES (?, ?, ?, ?, ?, ?)"),
    # The index of nonces says which events there were, also where their rows are lost.
    _Form(False, tuple[int, str, int], "INSERT OR IGNORE INTO seen SELECT ?3, ?2 WHERE ?1 = ?3 >> 40 AND ?2 != ''"),
    _Form(
        True,
        tuple[str, str, str, str, int, int, str],
        "INSERT OR IGNORE INTO first_room VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    _Form(
        False,
        tuple[str, int, int, str, str, str, int, str, str],
        "INSERT INTO first_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        kind=7,
    ),
    _Form(True, tuple[None, str, str, str, str, str], "INSERT OR IGNORE INTO first_outbox VALUES (?, ?, ?, ?, ?, ?)"),
    _Form(False, tuple[str, str, int], "INSERT INTO first_seen VALUES (?, ?, ?)"),
)
_BY_WIDTH: dict[tuple[bool, int], list[_Form]] = {}
for _form in _FORMS:
    _BY_WIDTH.setdefault((_form.has_key, len(get_args(_form.shape))), []).append(_form)


def salvage(pages: Pages, connection: apsw.Connection) -> bool:
    """Put every row that makes sense into its table, and key and nonce of all events that there were into `temp.seen`.

    Rows of version 1 of the tables are brought to this version, unless there are rooms of this version: a file that
    was brought to it may still have the old pages somewhere. Targets stay as they are, by seq or by nonce.

    Args:
        pages: of the damaged file.
        connection: to a new database, inside a transaction.

    Returns:
        Whether any row was one of ours.
    """
    connection.pragma("defer_foreign_keys", True)  # rows come in no order
    connection.execute("CREATE TEMP TABLE seen (key INTEGER PRIMARY KEY, nonce TEXT NOT NULL)")
    connection.execute(_FIRST)
    for row in pages.rows():
        for form in _BY_WIDTH.get((row.key is not None, len(row.values)), ()):
            if (values := _values(form, row)) is not None:
                connection.execute(form.statement, values)
                break
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM room)").get:
        connection.execute(_LEAD, {"highest": keys.HIGHEST})
    ours = "SELECT EXISTS (SELECT 1 FROM room) OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM setting)"
    return bool(connection.execute(ours).get)


def _values(form: _Form, row: SavedRow) -> tuple[Any, ...] | None:
    """Return what a row of a form's width puts into its table; None when it is no row of that table."""
    try:
        values: tuple[Any, ...] = msgspec.convert(row.values, form.shape)
        if form.kind:
            _body.decode(values[form.kind + 1])
            if values[form.kind] not in _KINDS:
                return None
    except msgspec.MsgspecError:
        return None
    if row.key is None:
        return values
    return (row.key, *(values if values[0] is not None else values[1:]))
