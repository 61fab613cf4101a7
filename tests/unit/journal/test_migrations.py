from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import msgspec
import pytest

from lanchat.errors import DiskFull, JournalFailed, NoSuchMessage
from lanchat.identity import check
from lanchat.journal import migrations, outbox, reading, rooms
from lanchat.journal.memberships import rows as memberships
from lanchat.journal.migrations import STEPS
from lanchat.journal.schema import VERSION, atomic, open_writer
from lanchat.journal.words import index
from lanchat.protocol import Body, guest_id, unverified_id
from tests.support.journal.before import GARDEN, KITCHEN, TARGETS, leave, readings
from tests.support.journal.sayings import about, edit, matches, say
from tests.support.rooms.said import BOB, draft

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
        assert [hit.event.seq for hit in matches(connection, "zz", "grusse")] == []
        assert [hit.event.seq for hit in matches(connection, "zz", "hel")] == [2]
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert connection.execute("PRAGMA foreign_key_check").get is None


@pytest.mark.parametrize("name", ["lanchat.db", "backup.db"])
def test_edits_and_reactions_of_older_databases_are_about_the_right_messages(name: str, database: Path) -> None:
    leave(name, database)
    with closing(open_writer(database)) as connection:
        assert readings(connection, "kitchen") == KITCHEN
        assert readings(connection, "garden") == GARDEN
        kitchen = reading.after(connection, "kitchen", 0, 99)
        assert [event.seq for event in kitchen] == list(range(2, 15))
        assert {event.nonce: event.body.target for event in kitchen if event.kind != "message"} == TARGETS
        assert {event.body.target for event in kitchen if event.kind == "message"} == {""}
        index.follow(connection, 100)
        assert [hit.event.nonce for hit in matches(connection, "kitchen", "tea is")] == ["tea"]
        assert connection.execute("PRAGMA integrity_check").get == "ok"


def test_what_waited_for_a_home_waits_with_the_right_targets(database: Path) -> None:
    """What is about a message that is not here names itself: its home refuses it, and so its author hears of it."""
    leave("lanchat.db", database)
    with closing(open_writer(database)) as connection:
        assert [(draft.nonce, draft.kind, draft.body) for _, draft in outbox.waiting(connection, "garden", 0)] == [
            ("w-text", "message", Body(text="waits")),
            ("w-edit", "edit", Body(text="Roses and thyme", target="roses")),
            ("w-off", "reaction", Body(emoji="👍", off=True, target="gate")),
            ("w-nowhere", "deletion", Body(target="w-nowhere")),
        ]


def test_more_is_said_about_the_messages_of_an_older_database(database: Path) -> None:
    leave("lanchat.db", database)
    with closing(open_writer(database)) as connection:
        say(connection, about("key", "edit", "Who has my key?", author=BOB, room="kitchen"))
        with pytest.raises(NoSuchMessage):
            say(connection, about("slip", "reaction", emoji="👍", room="kitchen"))
        assert readings(connection, "kitchen")[1] == ("Who has my key?", True, [])


def test_a_body_that_makes_no_sense_is_left_for_the_recovery(database: Path) -> None:
    leave("lanchat.db", database)
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute("""UPDATE entry SET body = '{"target":3' WHERE nonce = 'up'""")
        connection.execute("""UPDATE outbox SET body = '' WHERE nonce = 'w-off'""")
    with closing(open_writer(database)) as connection, pytest.raises(msgspec.DecodeError):
        reading.after(connection, "kitchen", 0, 99)


def test_a_target_that_no_home_can_give_is_carried_over_as_well(database: Path) -> None:
    """A mirror kept whatever its home had numbered, a message with a target and a target beyond every room too."""
    leave("lanchat.db", database)
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute("""UPDATE entry SET body = '{"text":"x","target":9}' WHERE nonce = 'roses'""")
        connection.execute(
            "UPDATE entry SET target = NULL, body = json_set(body, '$.target', ?) WHERE nonce = 'gate-up'", (2**63 - 1,)
        )
    with closing(open_writer(database)) as connection:
        assert readings(connection, "garden") == [("The gate is open", False, []), ("Roses and mint", True, [])]


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


def broken(step: Callable[[apsw.Connection], object], reached: int) -> Callable[[apsw.Connection], None]:
    """Return a step that breaks off after so many of its statements, as a crash would."""

    def begin(connection: apsw.Connection) -> None:
        left = iter(range(reached))

        def trace(*_: object) -> bool:
            return next(left, None) is not None

        connection.exec_trace = trace
        try:
            step(connection)
        finally:
            connection.exec_trace = None

    return begin


@pytest.mark.parametrize("reached", range(12))
def test_a_migration_that_breaks_off_leaves_the_old_database(
    first: Path, monkeypatch: pytest.MonkeyPatch, reached: int
) -> None:
    """Nothing of the step is committed."""
    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", (STEPS[0], broken(STEPS[1], reached)))
        with pytest.raises(JournalFailed):
            open_writer(first)
    with closing(apsw.Connection(str(first))) as connection:
        assert connection.pragma("user_version") == 1
        assert connection.execute("SELECT count(*) FROM event").get == 3
        assert connection.execute("SELECT count(*) FROM room").get == 2
    test_a_database_of_the_first_version_keeps_everything(first)


@pytest.mark.parametrize("reached", range(2))
def test_targets_that_were_not_all_carried_over_stay_as_they_were(
    database: Path, monkeypatch: pytest.MonkeyPatch, reached: int
) -> None:
    leave("lanchat.db", database)
    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", (*STEPS[:2], broken(STEPS[2], reached)))
        with pytest.raises(JournalFailed):
            open_writer(database)
    with closing(apsw.Connection(str(database))) as connection:
        assert connection.pragma("user_version") == 2
        assert connection.execute("SELECT body FROM entry WHERE nonce = 'slip-gone'").get == '{"target":5}'
    test_what_waited_for_a_home_waits_with_the_right_targets(database)


def test_a_full_disk_leaves_the_targets_as_they_were(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are longer than numbers, so the file grows by the step."""
    leave("lanchat.db", database)
    with closing(apsw.Connection(str(database))) as connection, atomic(connection):
        connection.execute("UPDATE entry SET nonce = nonce || ? WHERE nonce = 'tea'", ("x" * 60,))
        connection.executemany(
            "INSERT INTO entry SELECT key + ?1, term, nonce || ?1, author_id, author_nick, at, kind, body, target"
            " FROM entry WHERE nonce = 'tea-edit-2'",
            [(number,) for number in range(2, 1_000)],
        )

    def step(connection: apsw.Connection) -> None:
        connection.pragma("max_page_count", connection.pragma("page_count"))
        STEPS[2](connection)

    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", (*STEPS[:2], step))
        with pytest.raises(DiskFull):
            open_writer(database)
    with closing(open_writer(database)) as connection:
        targets = {event.body.target for event in reading.after(connection, "kitchen", 14, 2_000)}
        assert targets == {"tea" + "x" * 60}


def test_other_programs_read_rooms_and_seqs(connection: apsw.Connection) -> None:
    say(connection, "one", edit(1, "uno"))
    assert connection.execute("SELECT room, seq, kind FROM event").fetchall() == [
        ("r1", 1, "message"),
        ("r1", 2, "edit"),
    ]


def test_there_is_one_step_for_each_version() -> None:
    assert len(migrations.STEPS) == VERSION == 8


THIRD = [
    ("k" * 43, "unverified"),
    (guest_id("milo"), "unverified"),
    ("4c7dd0a1b2c3", "as it was"),
    (unverified_id("x"), "as it was"),
]
"""Ids that anybody could choose before there were keys, and what becomes of what stands under them."""


@pytest.fixture
def third(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of version 3 in which everybody said something and edited it, and something waits for a home."""
    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", STEPS[:3])
        patched.setattr("lanchat.journal.schema.VERSION", 3)
        with closing(open_writer(database)) as connection:
            connection.execute(
                "INSERT INTO room (id, name, home_id, home_name) VALUES ('r1', 'Kitchen', 'here', 'Here')"
            )
            for number, (person, _) in enumerate(THIRD):
                for kind, body, target in (
                    ("message", '{"text":"x"}', None),
                    ("edit", f'{{"text":"y","target":"{number}message"}}', 2 * number + 1),
                ):
                    key = 1 << 40 | 2 * number + (1 if target is None else 2)
                    connection.execute(
                        "INSERT INTO entry VALUES (?, 1, ?, ?, 'Nick', 5, ?, ?, ?)",
                        (key, f"{number}{kind}", person, kind, body, target and 1 << 40 | target),
                    )
                connection.execute(
                    "INSERT INTO outbox (room, nonce, author_id, author_nick, body) VALUES ('r1', ?, ?, 'Nick', ?)",
                    (f"{number}waits", person, '{"text":"z"}'),
                )
    return database


def test_nobody_of_before_stands_under_an_id_that_is_signed_today(third: Path) -> None:
    with closing(open_writer(third)) as connection:
        kept = reading.after(connection, "r1", 0, 99)
        for number, (person, becomes) in enumerate(THIRD):
            author = unverified_id(person) if becomes == "unverified" else person
            assert [event.author.id for event in kept[2 * number : 2 * number + 2]] == [author, author]
        for event in kept:
            check(event)
        assert connection.execute("SELECT DISTINCT signature, voucher FROM event").fetchall() == [("", "")]
        assert connection.execute("PRAGMA integrity_check").get == "ok"


def test_what_waited_before_waits_as_what_guests_of_this_node_said(third: Path) -> None:
    with closing(open_writer(third)) as connection:
        waits = [draft for _, draft in outbox.waiting(connection, "r1", 0)]
        assert [draft.author.id for draft in waits] == [guest_id(person) for person, _ in THIRD]
        assert {(draft.signature, draft.voucher) for draft in waits} == {("", "")}


@pytest.mark.parametrize("reached", range(9))
def test_a_step_to_signatures_that_breaks_off_leaves_the_old_database(
    third: Path, monkeypatch: pytest.MonkeyPatch, reached: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("lanchat.journal.schema.STEPS", (*STEPS[:3], broken(STEPS[3], reached)))
        with pytest.raises(JournalFailed):
            open_writer(third)
    with closing(apsw.Connection(str(third))) as connection:
        assert connection.pragma("user_version") == 3
        assert connection.execute("SELECT count(*) FROM entry WHERE author_id = ?", (THIRD[0][0],)).get == 2
    test_nobody_of_before_stands_under_an_id_that_is_signed_today(third)


def test_what_was_there_before_reading_was_remembered_counts_as_read(first: Path) -> None:
    with closing(apsw.Connection(str(first))) as connection:
        connection.execute("INSERT INTO setting VALUES ('person', 'me')")
    with closing(open_writer(first)) as connection:
        kept = memberships.of_person(connection, "me")
        assert sorted((record.room, record.read) for record in kept) == [("aa", 1), ("zz", 2)]
        assert [memberships.unread(connection, record.room, "me", record.read)[1] for record in kept] == [[], []]
