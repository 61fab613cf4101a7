from contextlib import closing
from pathlib import Path

import apsw
import pytest

from lanchat.errors import JournalFailed
from lanchat.journal import migrations, outbox, reading, rooms
from lanchat.journal.migrations import STEPS
from lanchat.journal.schema import VERSION, open_writer
from lanchat.journal.words import index
from lanchat.journal.words.search import search
from tests.support.journal.sayings import edit, say
from tests.support.rooms.said import draft

FIRST = """
PRAGMA journal_mode = wal;
CREATE TABLE room (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, home_id TEXT NOT NULL, home_name TEXT NOT NULL,
    term INTEGER NOT NULL DEFAULT 1, opened_itself INTEGER NOT NULL DEFAULT 0, addresses TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE event (
    room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE, seq INTEGER NOT NULL, term INTEGER NOT NULL,
    nonce TEXT NOT NULL, author_id TEXT NOT NULL, author_nick TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (room, seq), UNIQUE (room, nonce)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    place INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    nonce TEXT NOT NULL, author_id TEXT NOT NULL, author_nick TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (room, nonce)
) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
INSERT INTO room VALUES ('zz', 'Kitchen', 'here', 'This node', 3, 0, '');
INSERT INTO room VALUES ('aa', 'Garden', 'there', 'Another node', 1, 1, '192.0.2.1:28280 [fe80::1]:80');
INSERT INTO event VALUES ('zz', 1, 3, 'n1', 'a1', 'Ada', 5, 'message', '{"text":"Grüße"}');
INSERT INTO event VALUES ('zz', 2, 3, 'n2', 'b1', 'Bob', 6, 'message', '{"text":"hello back"}');
INSERT INTO event VALUES ('aa', 1, 1, 'n1', 'b1', 'Bob', 7, 'message', '{"text":"green"}');
INSERT INTO outbox VALUES (4, 'aa', 'w', 'a1', 'Ada', '{"text":"waits"}');
INSERT INTO setting VALUES ('node', 'here');
"""


@pytest.fixture
def first(database: Path) -> Path:
    """A database as the first Lanchat left it."""
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute(FIRST).fetchall()
    return database


def test_a_database_of_the_first_version_keeps_everything(first: Path) -> None:
    with closing(open_writer(first)) as connection:
        assert connection.pragma("user_version") == VERSION
        assert [(room.id, room.term, room.addresses) for room in rooms.rooms(connection)] == [
            ("zz", 3, ()),
            ("aa", 1, ("192.0.2.1:28280", "[fe80::1]:80")),
        ]
        kitchen, garden = (reading.after(connection, room, 0, 9) for room in ("zz", "aa"))
        assert [(event.seq, event.nonce, event.author.nick, event.at, event.body.text) for event in kitchen] == [
            (1, "n1", "Ada", 5, "Grüße"),
            (2, "n2", "Bob", 6, "hello back"),
        ]
        assert [event.body.text for event in garden] == ["green"]
        [(place, waits)] = outbox.waiting(connection, "aa", 0)
        assert (place, waits.kind, waits.body.text) == (4, "message", "waits")
        assert rooms.settings(connection) == {"node": "here"}
        index.follow(connection, 100)
        assert [hit.event.seq for hit in search(connection, "zz", "grusse", None, 9)] == []
        assert [hit.event.seq for hit in search(connection, "zz", "hel", None, 9)] == [2]
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert connection.execute("PRAGMA foreign_key_check").get is None


def test_what_is_said_after_a_migration_goes_on_where_it_was(first: Path) -> None:
    with closing(open_writer(first)) as connection:
        [event] = say(connection, draft("more", room="zz"))
        assert (event.seq, event.term) == (3, 3)


def test_a_migrated_database_and_a_new_one_have_the_same_tables(first: Path, tmp_path: Path) -> None:
    def tables(path: Path) -> list[object]:
        with closing(open_writer(path)) as connection:
            rows = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name")
            return [(kind, name, " ".join(str(sql).split())) for kind, name, sql in rows]

    assert tables(first) == tables(tmp_path / "new.db")


@pytest.mark.parametrize("reached", range(12))
def test_a_migration_that_breaks_off_leaves_the_old_database(
    first: Path, monkeypatch: pytest.MonkeyPatch, reached: int
) -> None:
    """It breaks off after so many statements of the last step, as a crash would: nothing of it is committed."""

    def step(connection: apsw.Connection) -> None:
        left = iter(range(reached))

        def trace(*_: object) -> bool:
            return next(left, None) is not None

        connection.exec_trace = trace
        try:
            STEPS[1](connection)
        finally:
            connection.exec_trace = None

    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", (STEPS[0], step))
        with pytest.raises(JournalFailed):
            open_writer(first)
    with closing(apsw.Connection(str(first))) as connection:
        assert connection.pragma("user_version") == 1
        assert connection.execute("SELECT count(*) FROM event").get == 3
        assert connection.execute("SELECT count(*) FROM room").get == 2
    test_a_database_of_the_first_version_keeps_everything(first)


def test_other_programs_read_rooms_and_seqs(connection: apsw.Connection) -> None:
    say(connection, "one", edit(1, "uno"))
    assert connection.execute("SELECT room, seq, kind FROM event").fetchall() == [
        ("r1", 1, "message"),
        ("r1", 2, "edit"),
    ]


def test_there_is_one_step_for_each_version() -> None:
    assert len(migrations.STEPS) == VERSION == 2
