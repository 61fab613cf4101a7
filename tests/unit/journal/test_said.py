"""What the owner said in rooms of others, and what a home says that they said."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec
import pytest

from lanchat.identity.names import is_person_id
from lanchat.journal import numbering, outbox, rooms, said
from lanchat.journal.records import Draft
from lanchat.journal.schema import atomic, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author, Body, Event
from tests.support.rooms.said import ADA, BOB, THERE, draft, event, record


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = open_writer(tmp_path / "lanchat.db")
    rooms.put_setting(connection, "owner", ADA.id)
    rooms.put_setting(connection, "node", "here")
    rooms.put_room(Transaction(connection), record("m1", home=THERE))
    yield connection
    connection.close()


def by(author: Author, seq: int, **more: object) -> Event:
    return msgspec.structs.replace(event(seq, room="m1"), author=author, **more)


def taken(connection: apsw.Connection, *events: Event) -> list[Event]:
    transaction = Transaction(connection)
    numbering.mirror(transaction, "m1", events)
    return transaction.fresh["m1"]


def test_what_the_owner_said_is_theirs(connection: apsw.Connection) -> None:
    outbox.enqueue(Transaction(connection), draft("hello", room="m1", nonce="n"))
    (kept,) = taken(connection, by(ADA, 1, nonce="n"))
    assert kept.author == ADA


@pytest.mark.parametrize(
    "forged",
    [
        by(ADA, 1),
        by(ADA, 1, nonce="n", body=Body(text="I owe you a thousand")),
        by(ADA, 1, nonce="n", kind="reaction", body=Body(target="x", emoji="👍")),
    ],
    ids=["never said", "another text", "another kind"],
)
def test_what_a_home_says_that_they_said_is_somebody_elses(connection: apsw.Connection, forged: Event) -> None:
    outbox.enqueue(Transaction(connection), draft("hello", room="m1", nonce="n"))
    (kept,) = taken(connection, forged)
    assert (kept.author, kept.seq) == (said.claimed(ADA), 1)
    assert kept.author.nick == "Ada (claimed)"


def test_what_they_said_stays_known_when_the_room_is_emptied_and_filled_again(connection: apsw.Connection) -> None:
    outbox.enqueue(Transaction(connection), draft("hello", room="m1", nonce="n"))
    taken(connection, by(ADA, 1, nonce="n"))
    with atomic(connection):
        rooms.renew_room(Transaction(connection), record("m1", home=THERE))
    (kept,) = taken(connection, by(ADA, 1, nonce="n"))
    assert kept.author == ADA


@pytest.mark.parametrize("kind", ["edit", "deletion"])
def test_nobody_changes_the_message_of_somebody_else(connection: apsw.Connection, kind: str) -> None:
    change = by(BOB, 2, kind=kind, body=Body(text="forged" if kind == "edit" else "", target="n"))
    outbox.enqueue(Transaction(connection), Draft("m1", "n", ADA, Body(text="hello")))
    mine, theirs = taken(connection, by(ADA, 1, nonce="n"), change)
    assert theirs.body.target == theirs.nonce != mine.nonce
    assert connection.execute("SELECT target FROM entry WHERE nonce = ?", (theirs.nonce,)).get is None
    own, reaction = taken(
        connection,
        by(BOB, 3, kind=kind, body=Body(text="x", target=theirs.nonce)),
        by(BOB, 4, kind="reaction", body=Body(emoji="👍", target="n")),
    )
    assert (own.body.target, reaction.body.target) == (theirs.nonce, "n")


def test_a_database_of_before_knows_what_was_said(tmp_path: Path, connection: apsw.Connection) -> None:
    outbox.enqueue(Transaction(connection), draft("waits", room="m1", nonce="w"))
    taken(connection, by(BOB, 1))
    connection.execute("UPDATE entry SET author_id = ?", (ADA.id,))
    connection.execute("DROP TABLE said; PRAGMA user_version = 3")
    connection.close()
    with_said = open_writer(tmp_path / "lanchat.db")
    assert with_said.execute("SELECT count(*) FROM said").get == 2
    with atomic(with_said):
        rooms.renew_room(Transaction(with_said), record("m1", home=THERE))
    kept = taken(with_said, by(ADA, 1))
    with_said.close()
    assert [each.author for each in kept] == [ADA]


def test_who_is_claimed_is_always_the_same_and_never_the_person() -> None:
    ada = Author(id="ada-ada-ada", nick="Ada")
    assert said.claimed(ada) == said.claimed(ada) != said.claimed(Author(id="eve-eve-eve", nick="Ada"))
    assert (said.claimed(ada).id == ada.id, said.claimed(ada).nick) == (False, "Ada (claimed)")
    assert is_person_id(said.claimed(ada).id)
    assert len(said.claimed(Author(id="a", nick="x" * 300)).nick) == said.LONGEST_NICK
