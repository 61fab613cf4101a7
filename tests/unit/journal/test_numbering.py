from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.errors import InvalidFrame, NoSuchMessage, NoSuchRoom, NotYours, TooManyChanges, TooManyReactions
from lanchat.journal import Draft, Merged, RoomRecord, numbering, outbox, reading, rooms
from lanchat.journal.records import Kept
from lanchat.journal.schema import open_writer
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Author, Body, Event, Kind
from tests.support.identity import GUEST, OTHER_SEAL, SEAL
from tests.support.journal.sayings import about, append, deletion, edit, everything, named, reaction, say
from tests.support.rooms.said import ADA, BOB, HERE, THERE, draft, event, record


def test_drafts_are_numbered_densely_in_each_room(connection: apsw.Connection, transaction: Transaction) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    kept = [numbering.append(transaction, draft(room=room)) for room in ("r1", "r2", "r1", "r1", "r2")]
    assert [(item.event.room, item.event.seq) for item in kept] == [
        ("r1", 1),
        ("r2", 1),
        ("r1", 2),
        ("r1", 3),
        ("r2", 2),
    ]
    assert numbering.append(Transaction(connection), draft()).event.seq == 4


def test_an_event_has_what_the_draft_said(connection: apsw.Connection, transaction: Transaction) -> None:
    rooms.put_room(Transaction(connection), RoomRecord("r9", "Term", HERE, 7))
    said = draft("Grüße\n👋 \x00", room="r9", author=BOB)
    kept = numbering.append(transaction, said).event
    assert (kept.nonce, kept.author, kept.body, kept.term, kept.kind) == (said.nonce, BOB, said.body, 7, "message")
    assert 1_700_000_000_000 < kept.at < 5_000_000_000_000, "milliseconds since 1970"
    assert everything(connection, "r9") == [kept]


def test_a_repeated_nonce_gives_the_event_that_there_is(connection: apsw.Connection, transaction: Transaction) -> None:
    first = numbering.append(transaction, draft("once", nonce="n"))
    assert first.fresh
    assert numbering.append(transaction, draft("twice", nonce="n", author=BOB)) == Kept(first.event, fresh=False)
    assert numbering.append(Transaction(connection), draft("thrice", nonce="n")) == Kept(first.event, fresh=False)
    assert everything(connection) == [first.event]


def test_a_nonce_is_a_rooms_own(connection: apsw.Connection, transaction: Transaction) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    numbering.append(transaction, draft(nonce="n"))
    assert numbering.append(transaction, draft(room="r2", nonce="n")).fresh


@pytest.mark.parametrize(
    "work",
    [
        lambda transaction: numbering.append(transaction, draft(room="r9")),
        lambda transaction: outbox.enqueue(transaction, draft(room="r9")),
        lambda transaction: numbering.mirror(transaction, "r9", [event(1, room="r9")]),
    ],
    ids=["append", "enqueue", "mirror"],
)
def test_nothing_is_kept_for_a_room_that_is_not_there(
    transaction: Transaction, work: Callable[[Transaction], object]
) -> None:
    with pytest.raises(NoSuchRoom):
        work(transaction)
    assert transaction.fresh == {}


def test_a_mirror_keeps_the_homes_numbers(connection: apsw.Connection, transaction: Transaction) -> None:
    numbering.mirror(transaction, "r1", [event(1), event(2)])
    numbering.mirror(transaction, "r1", [event(3)])
    numbering.mirror(transaction, "r1", [])
    assert everything(connection) == [event(1), event(2), event(3)]
    assert transaction.fresh == {"r1": [event(1), event(2), event(3)]}


def test_what_a_mirror_has_is_passed_over(connection: apsw.Connection, transaction: Transaction) -> None:
    numbering.mirror(transaction, "r1", [event(1), event(2)])
    later = Transaction(connection)
    numbering.mirror(later, "r1", [event(1), event(2), event(3)])
    numbering.mirror(later, "r1", [event(2)])
    assert later.fresh == {"r1": [event(3)]}
    assert everything(connection) == [event(1), event(2), event(3)]


@pytest.mark.parametrize(
    "run",
    [
        [event(2)],
        [event(1), event(3)],
        [event(1), event(2), event(2)],
        [event(2), event(1)],
        [event(1), event(2, room="r2")],
        [event(1, nonce="n"), event(2, nonce="n")],
        [event(1), msgspec.structs.replace(event(2), term=2)],
        [msgspec.structs.replace(event(1), term=0)],
    ],
    ids=[
        *("late start", "hole", "twice", "backwards", "of another room", "one nonce twice"),
        *("of a later term", "of an earlier term"),
    ],
)
def test_a_run_that_no_home_can_send_is_refused_whole(
    connection: apsw.Connection, transaction: Transaction, run: list[Event]
) -> None:
    with pytest.raises(InvalidFrame):
        numbering.mirror(transaction, "r1", run)
    assert everything(connection) == []
    assert transaction.fresh == {}


def test_a_nonce_that_stands_under_another_number_is_refused(transaction: Transaction) -> None:
    numbering.mirror(transaction, "r1", [event(1, nonce="n")])
    with pytest.raises(InvalidFrame, match="nonce"):
        numbering.mirror(transaction, "r1", [event(2), event(3, nonce="n")])
    assert transaction.head("r1").top == 1


@given(st.integers(0, 12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12))
@settings(deadline=None, max_examples=60)
def test_whatever_runs_come_a_mirror_is_a_beginning_of_its_home(said: int, runs: list[tuple[int, int]]) -> None:
    home = [event(seq) for seq in range(1, said + 1)]
    connection = open_writer(Path(":memory:"))
    rooms.put_room(Transaction(connection), record(home=THERE))
    top = 0
    for first, last in runs:
        run = home[first:last]
        if run and run[0].seq > top + 1:
            with pytest.raises(InvalidFrame):
                numbering.mirror(Transaction(connection), "r1", run)
        else:
            numbering.mirror(Transaction(connection), "r1", run)
            top = max(top, run[-1].seq if run else 0)
        assert everything(connection) == home[:top]
    connection.close()


# About messages -------------------------------------------------------------------------------------------------------


def test_what_is_about_a_message_is_an_event_like_any_other(connection: apsw.Connection) -> None:
    kept = say(connection, "hello", edit(1, "hallo"), reaction(1), reaction(1, off=True), deletion(1))
    assert [(event.seq, event.kind) for event in kept] == [
        (1, "message"),
        (2, "edit"),
        (3, "reaction"),
        (4, "reaction"),
        (5, "deletion"),
    ]
    assert everything(connection) == kept
    assert kept[1].body == Body(text="hallo", target=named(1))


@pytest.mark.parametrize(
    "make", [lambda target: edit(target, "x"), reaction, deletion], ids=["edit", "react", "delete"]
)
@pytest.mark.parametrize("target", ["", "an edit", "in another room", "1", "nowhere"])
def test_what_is_about_no_message_of_the_room_is_refused(
    connection: apsw.Connection, make: Callable[[str], Draft], target: str
) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    changed = msgspec.structs.replace(edit(1, "uno"), nonce="an edit")
    say(connection, "one", changed, draft(room="r2", nonce="in another room"))
    with pytest.raises(NoSuchMessage):
        say(connection, make(target))
    assert len(everything(connection)) == 2


@pytest.mark.parametrize("item", [edit(1, "x"), reaction(1), deletion(1)], ids=lambda item: item.kind)
def test_nothing_more_is_said_about_a_deleted_message(connection: apsw.Connection, item: Draft) -> None:
    say(connection, "one", deletion(1))
    with pytest.raises(NoSuchMessage):
        say(connection, item)


def test_only_its_author_changes_a_message(connection: apsw.Connection) -> None:
    say(connection, "one")
    for item in (edit(1, "x", BOB), deletion(1, BOB)):
        with pytest.raises(NotYours):
            say(connection, item)
    assert [event.kind for event in say(connection, reaction(1, author=BOB), edit(1, "two"))] == ["reaction", "edit"]


def test_a_repeated_deletion_is_the_one_that_there_is(connection: apsw.Connection) -> None:
    once = deletion(1)
    [_, first, again] = say(connection, "one", once, once)
    assert first == again


def test_a_mirror_keeps_whatever_its_home_numbered(connection: apsw.Connection, transaction: Transaction) -> None:
    kinds: list[tuple[Kind, str]] = [
        ("edit", named(7)),
        ("message", ""),
        ("deletion", named(1)),
        ("deletion", named(2)),
        ("edit", named(2)),
        ("reaction", ""),
        ("edit", "not kept here"),
    ]
    odd = [
        msgspec.structs.replace(event(seq), kind=kind, body=Body(text="x", target=target))
        for seq, (kind, target) in enumerate(kinds, 1)
    ]
    numbering.mirror(transaction, "r1", odd)
    assert everything(connection) == odd
    targets = connection.execute("SELECT target & 0xff FROM entry ORDER BY key").fetchall()
    assert [target for (target,) in targets] == [None, None, 1, 2, 2, None, None]


# Where the home keeps no more -----------------------------------------------------------------------------------------


def test_a_mirror_begins_where_its_home_begins(connection: apsw.Connection, transaction: Transaction) -> None:
    numbering.mirror(transaction, "r1", [event(7), event(8)], oldest=7)
    assert everything(connection) == [event(7), event(8)]
    assert transaction.oldest == {"r1": 7}


def test_a_mirror_with_a_gap_lets_go_of_what_lies_before(connection: apsw.Connection, transaction: Transaction) -> None:
    numbering.mirror(transaction, "r1", [event(1), event(2)])
    numbering.mirror(Transaction(connection), "r1", [event(3), event(4)], oldest=2)
    assert len(everything(connection)) == 4
    later = Transaction(connection)
    numbering.mirror(later, "r1", [event(7), event(8)], oldest=7)
    assert everything(connection) == [event(7), event(8)]
    assert (later.oldest, later.fresh) == ({"r1": 7}, {"r1": [event(7), event(8)]})


def test_a_gap_that_is_not_where_the_home_begins_is_refused(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    for run, oldest in (([event(7)], 6), ([event(7), event(9)], 7), ([event(2**40)], 2**40)):
        with pytest.raises(InvalidFrame):
            numbering.mirror(transaction, "r1", run, oldest=oldest)
    assert everything(connection) == []


# Archives -------------------------------------------------------------------------------------------------------------


def test_an_archive_is_numbered_anew_and_keeps_its_authors_and_times(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    theirs = say(connection, "one", reaction(1), "two", edit(3, "zwei"))
    say(connection, draft("before", room="r2"))
    merged = numbering.merge(Transaction(connection), "r2", theirs)
    assert merged == Merged(fresh=4)
    mine = everything(connection, "r2")[1:]
    assert [event.seq for event in mine] == [2, 3, 4, 5]
    assert [event.body for event in mine] == [event.body for event in theirs]
    assert reading.later(connection, "r2", mine[:1]) == mine[1:2]
    assert reading.later(connection, "r2", mine[2:3]) == mine[3:]
    for old, new in zip(theirs, mine, strict=True):
        assert (new.author, new.at, new.nonce, new.kind) == (old.author, old.at, old.nonce, old.kind)


def test_a_second_time_adds_nothing(connection: apsw.Connection) -> None:
    said = say(connection, "one", reaction(1), deletion(1))
    assert numbering.merge(Transaction(connection), "r1", said) == Merged(known=3)
    assert len(everything(connection)) == 3


def test_what_does_not_fit_the_room_is_left_out_of_an_archive(connection: apsw.Connection) -> None:
    [mine] = say(connection, "mine")
    foreign = msgspec.structs.replace(event(9), kind="edit", body=Body(text="theirs", target=mine.nonce))
    orphan = msgspec.structs.replace(event(10), kind="deletion", body=Body(target="nowhere"))
    merged = numbering.merge(Transaction(connection), "r1", [foreign, orphan])
    assert merged == Merged(refused=2)
    assert everything(connection) == [mine]


# What one message can carry -------------------------------------------------------------------------------------------


def test_a_message_has_only_so_many_reactions_that_stand(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "MAX_REACTIONS", 3)
    people = [Author(id=f"p{number}", nick="P") for number in range(4)]
    say(connection, "one", *(reaction(1, author=person) for person in people[:3]))
    with pytest.raises(TooManyReactions, match="3 reactions"):
        say(connection, reaction(1, author=people[3]))
    say(connection, reaction(1, off=True, author=people[0]), reaction(1, author=people[3]), "two", reaction(7))
    say(connection, edit(1, "still"), deletion(1))


def test_one_person_has_only_so_many_reactions_to_a_message(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "MAX_REACTIONS_EACH", 2)
    say(connection, "one", reaction(1, "1"), reaction(1, "2"))
    with pytest.raises(TooManyReactions, match="You have 2"):
        say(connection, reaction(1, "3"))
    say(connection, reaction(1, "3", author=ADA), reaction(1, "1", off=True), reaction(1, "3"))


@pytest.mark.parametrize("more", [reaction(1), reaction(1, off=True), edit(1, "x")], ids=["on", "off", "edit"])
def test_a_message_is_changed_only_so_often_and_can_be_deleted_then(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch, more: Draft
) -> None:
    monkeypatch.setattr(numbering, "MAX_CHANGES", 4)
    say(connection, "one", reaction(1), reaction(1, off=True), edit(1, "x"), edit(1, "y"))
    with pytest.raises(TooManyChanges, match="4 times"):
        say(connection, more)
    say(connection, deletion(1))


# Whose it is ----------------------------------------------------------------------------------------------------------


def test_what_is_said_is_kept_with_its_signature_and_voucher(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    here, there = SEAL.said(draft(author=GUEST)), OTHER_SEAL.leaving(OTHER_SEAL.said(draft(author=GUEST)))
    for said in (here, there):
        numbering.append(transaction, said)
    assert [(event.signature, event.voucher) for event in everything(connection)] == [
        ("", SEAL.id),
        (there.signature, OTHER_SEAL.id),
    ]


@pytest.mark.parametrize("kind", ["edit", "deletion"])
def test_a_node_changes_what_its_own_guests_said_and_nobody_elses(connection: apsw.Connection, kind: Kind) -> None:
    """A guest's id can be had at two nodes by one secret; neither of them speaks for the other's guest."""
    append(connection, SEAL.said(draft(nonce="n", author=GUEST)))
    change = about("n", kind, "x", author=GUEST)
    for voucher in (OTHER_SEAL.id, ""):
        with pytest.raises(NotYours):
            append(connection, msgspec.structs.replace(change, voucher=voucher))
    append(connection, OTHER_SEAL.said(about("n", "reaction", emoji="👍", author=GUEST)))
    append(connection, SEAL.said(change))


FORGERIES = {
    "an edit of another's message": [1, (2, "edit", "r1-1")],
    "a deletion of another's message": [1, (2, "deletion", "r1-1")],
    "an edit by another node's guest": [1, (2, "guest's edit", "r1-1")],
    "an edit of what comes behind it": [(1, "edit", "r1-2"), 2],
    "a deletion of what comes behind it": [(1, "deletion", "r1-3"), 2, 3],
}


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "one by one"])
@pytest.mark.parametrize("name", FORGERIES)
def test_a_home_changes_nobodys_words(connection: apsw.Connection, name: str, *, at_once: bool) -> None:
    run = [_numbered(item) for item in FORGERIES[name]]
    runs = [run] if at_once else [[each] for each in run]
    for each in runs[:-1]:
        numbering.mirror(Transaction(connection), "r1", each)
    with pytest.raises((NotYours, InvalidFrame)):
        numbering.mirror(Transaction(connection), "r1", runs[-1])
    assert everything(connection) == ([] if at_once else run[:-1])


def test_what_a_home_no_longer_keeps_can_have_been_changed(connection: apsw.Connection) -> None:
    run = [_numbered((7, "edit", "gone")), _numbered(8)]
    numbering.mirror(Transaction(connection), "r1", run, oldest=7)
    assert everything(connection) == run


def _numbered(item: object) -> Event:
    if isinstance(item, int):
        return msgspec.structs.replace(event(item), author=GUEST, voucher=SEAL.id)
    assert isinstance(item, tuple)
    seq, kind, target = item
    voucher = OTHER_SEAL.id if kind == "guest's edit" else ""
    return msgspec.structs.replace(
        event(seq, "mine now"),
        kind=kind.rpartition(" ")[2],
        author=GUEST if voucher else ADA,
        voucher=voucher,
        body=Body(text="mine now", target=target),
    )
