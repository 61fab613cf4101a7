from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.chat.journal import RoomRecord, store
from lanchat.chat.journal.schema import open_writer
from lanchat.chat.journal.store import Kept, Transaction
from lanchat.chat.protocol import Event, NodeInfo
from lanchat.errors import InvalidFrame, NoSuchRoom
from tests.chat.said import ADA, BOB, HERE, THERE, draft, event, record


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = _in_memory()
    store.put_room(connection, record())
    yield connection
    connection.close()


@pytest.fixture
def transaction(connection: apsw.Connection) -> Transaction:
    return Transaction(connection)


def _in_memory() -> apsw.Connection:
    return open_writer(Path(":memory:"))


def everything(connection: apsw.Connection, room: str = "r1") -> list[Event]:
    return store.after(connection, room, 0, 1_000)


# Rooms ----------------------------------------------------------------------------------------------------------------


def test_rooms_come_oldest_first_and_whole(connection: apsw.Connection) -> None:
    second = RoomRecord("r2", "Küche", THERE, 3, opened_itself=True, addresses=("192.0.2.1:28280", "[fe80::1]:80"))
    store.put_room(connection, second)
    store.put_room(connection, record("r0"))
    assert store.rooms(connection) == [record(), second, record("r0")]


def test_what_is_kept_of_a_room_can_change(connection: apsw.Connection) -> None:
    store.put_room(connection, record("r2"))
    renamed = RoomRecord("r1", "Kitchen", NodeInfo(id="here", name="Renamed"), 2, addresses=("192.0.2.1:1",))
    store.put_room(connection, renamed)
    assert store.rooms(connection) == [renamed, record("r2")]


def test_two_rooms_may_have_the_same_name(connection: apsw.Connection) -> None:
    store.put_room(connection, record("r2"))
    assert [room.name for room in store.rooms(connection)] == ["Kitchen", "Kitchen"]


def test_a_forgotten_room_takes_everything_with_it(connection: apsw.Connection, transaction: Transaction) -> None:
    store.put_room(connection, record("r2"))
    for room in ("r1", "r2"):
        store.append(transaction, draft(room=room))
        store.put_out(transaction, draft(room=room))
    store.delete_room(transaction, "r1")
    store.delete_room(transaction, "never seen")
    assert store.rooms(connection) == [record("r2")]
    assert (everything(connection), store.outbox(connection, "r1", 0)) == ([], [])
    assert (len(everything(connection, "r2")), len(store.outbox(connection, "r2", 0))) == (1, 1)


def test_a_room_that_comes_back_in_the_same_transaction_begins_anew(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    store.append(transaction, draft())
    store.delete_room(transaction, "r1")
    store.put_room(connection, record())
    assert store.append(transaction, draft()).event.seq == 1
    assert [event.seq for event in transaction.fresh["r1"]] == [1]


def test_only_a_silent_room_can_be_replaced(connection: apsw.Connection, transaction: Transaction) -> None:
    other = record("r2", home=THERE)
    store.append(transaction, draft())
    assert not store.replace_room(transaction, "r1", other)
    assert store.rooms(connection) == [record()]
    store.put_room(connection, record("silent"))
    assert store.replace_room(transaction, "silent", other)
    assert store.rooms(connection) == [record(), other]


# Events ---------------------------------------------------------------------------------------------------------------


def test_drafts_are_numbered_densely_in_each_room(connection: apsw.Connection, transaction: Transaction) -> None:
    store.put_room(connection, record("r2"))
    kept = [store.append(transaction, draft(room=room)) for room in ("r1", "r2", "r1", "r1", "r2")]
    assert [(item.event.room, item.event.seq) for item in kept] == [
        ("r1", 1),
        ("r2", 1),
        ("r1", 2),
        ("r1", 3),
        ("r2", 2),
    ]
    assert store.append(Transaction(connection), draft()).event.seq == 4


def test_an_event_has_what_the_draft_said(connection: apsw.Connection, transaction: Transaction) -> None:
    store.put_room(connection, RoomRecord("r9", "Term", HERE, 7))
    said = draft("Grüße\n👋 \x00", room="r9", author=BOB)
    kept = store.append(transaction, said).event
    assert (kept.nonce, kept.author, kept.body, kept.term, kept.kind) == (said.nonce, BOB, said.body, 7, "message")
    assert 1_700_000_000_000 < kept.at < 5_000_000_000_000, "milliseconds since 1970"
    assert everything(connection, "r9") == [kept]


def test_a_repeated_nonce_gives_the_event_that_there_is(connection: apsw.Connection, transaction: Transaction) -> None:
    first = store.append(transaction, draft("once", nonce="n"))
    assert first.fresh
    assert store.append(transaction, draft("twice", nonce="n", author=BOB)) == Kept(first.event, fresh=False)
    assert store.append(Transaction(connection), draft("thrice", nonce="n")) == Kept(first.event, fresh=False)
    assert everything(connection) == [first.event]


def test_a_nonce_is_a_rooms_own(connection: apsw.Connection, transaction: Transaction) -> None:
    store.put_room(connection, record("r2"))
    store.append(transaction, draft(nonce="n"))
    assert store.append(transaction, draft(room="r2", nonce="n")).fresh


@pytest.mark.parametrize(
    "work",
    [
        lambda transaction: store.append(transaction, draft(room="r9")),
        lambda transaction: store.put_out(transaction, draft(room="r9")),
        lambda transaction: store.mirror(transaction, "r9", [event(1, room="r9")]),
    ],
    ids=["append", "put_out", "mirror"],
)
def test_nothing_is_kept_for_a_room_that_is_not_there(
    transaction: Transaction, work: Callable[[Transaction], object]
) -> None:
    with pytest.raises(NoSuchRoom):
        work(transaction)
    assert transaction.fresh == {}


def test_pages_in_both_directions(connection: apsw.Connection, transaction: Transaction) -> None:
    for _ in range(10):
        store.append(transaction, draft())
    assert [event.seq for event in store.after(connection, "r1", 3, 4)] == [4, 5, 6, 7]
    assert [event.seq for event in store.before(connection, "r1", 8, 3)] == [5, 6, 7]
    assert [event.seq for event in store.before(connection, "r1", 3, 50)] == [1, 2]
    assert store.after(connection, "r1", 10, 50) == store.before(connection, "r1", 1, 50) == []
    assert store.after(connection, "r9", 0, 50) == []
    assert store.top(connection, "r1") == 10
    assert store.top(connection, "r9") == 0


def test_an_event_is_found_by_its_nonce(connection: apsw.Connection, transaction: Transaction) -> None:
    kept = store.append(transaction, draft(nonce="n")).event
    assert store.find(connection, "r1", "n") == kept
    assert store.find(connection, "r1", "m") is None
    assert store.find(connection, "r2", "n") is None


# Mirrors --------------------------------------------------------------------------------------------------------------


def test_a_mirror_keeps_the_homes_numbers(connection: apsw.Connection, transaction: Transaction) -> None:
    store.mirror(transaction, "r1", [event(1), event(2)])
    store.mirror(transaction, "r1", [event(3)])
    store.mirror(transaction, "r1", [])
    assert everything(connection) == [event(1), event(2), event(3)]
    assert transaction.fresh == {"r1": [event(1), event(2), event(3)]}


def test_what_a_mirror_has_is_passed_over(connection: apsw.Connection, transaction: Transaction) -> None:
    store.mirror(transaction, "r1", [event(1), event(2)])
    later = Transaction(connection)
    store.mirror(later, "r1", [event(1), event(2), event(3)])
    store.mirror(later, "r1", [event(2)])
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
    ],
    ids=["late start", "hole", "twice", "backwards", "of another room", "one nonce twice"],
)
def test_a_run_that_no_home_can_send_is_refused_whole(
    connection: apsw.Connection, transaction: Transaction, run: list[Event]
) -> None:
    with pytest.raises(InvalidFrame):
        store.mirror(transaction, "r1", run)
    assert everything(connection) == []
    assert transaction.fresh == {}


def test_a_nonce_that_stands_under_another_number_is_refused(transaction: Transaction) -> None:
    store.mirror(transaction, "r1", [event(1, nonce="n")])
    with pytest.raises(InvalidFrame, match="nonce"):
        store.mirror(transaction, "r1", [event(2), event(3, nonce="n")])
    assert transaction.top("r1") == 1


@given(st.integers(0, 12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12))
@settings(deadline=None, max_examples=60)
def test_whatever_runs_come_a_mirror_is_a_beginning_of_its_home(said: int, runs: list[tuple[int, int]]) -> None:
    home = [event(seq) for seq in range(1, said + 1)]
    connection = _in_memory()
    store.put_room(connection, record(home=THERE))
    top = 0
    for first, last in runs:
        run = home[first:last]
        if run and run[0].seq > top + 1:
            with pytest.raises(InvalidFrame):
                store.mirror(Transaction(connection), "r1", run)
        else:
            store.mirror(Transaction(connection), "r1", run)
            top = max(top, run[-1].seq if run else 0)
        assert everything(connection) == home[:top]
    connection.close()


# The outbox -----------------------------------------------------------------------------------------------------------


def test_the_outbox_keeps_the_order_and_gives_what_lies_behind_a_place(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    drafts = [draft(author=author) for author in (ADA, BOB, ADA)]
    for item in drafts:
        assert store.put_out(transaction, item) is None
    waiting = store.outbox(connection, "r1", 0)
    assert [item for _, item in waiting] == drafts
    places = [place for place, _ in waiting]
    assert places == sorted(set(places))
    assert store.outbox(connection, "r1", places[1]) == waiting[2:]
    assert store.outbox(connection, "r1", places[2]) == []


def test_a_draft_lies_in_the_outbox_once_and_at_its_first_place(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    first, second = draft(), draft()
    for item in (first, second, first):
        store.put_out(transaction, item)
    assert [item for _, item in store.outbox(connection, "r1", 0)] == [first, second]


def test_a_place_is_never_given_twice(connection: apsw.Connection, transaction: Transaction) -> None:
    store.put_out(transaction, draft(nonce="n"))
    [(before, _)] = store.outbox(connection, "r1", 0)
    store.take_out(connection, "r1", "n")
    store.put_out(transaction, draft())
    [(after, _)] = store.outbox(connection, "r1", 0)
    assert after > before


def test_the_homes_event_takes_its_draft_out_of_the_outbox(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    for nonce in ("n1", "n2", "n3"):
        store.put_out(transaction, draft(nonce=nonce))
    store.mirror(transaction, "r1", [event(1, nonce="n2")])
    assert [item.nonce for _, item in store.outbox(connection, "r1", 0)] == ["n1", "n3"]


def test_what_the_home_has_numbered_does_not_go_out_again(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    store.mirror(transaction, "r1", [event(1, nonce="n1")])
    assert store.put_out(transaction, draft(nonce="n1")) == Kept(event(1, nonce="n1"), fresh=False)
    assert store.outbox(connection, "r1", 0) == []


# Settings -------------------------------------------------------------------------------------------------------------


def test_the_last_value_of_a_setting_counts(connection: apsw.Connection) -> None:
    assert store.settings(connection) == {}
    for key, value in (("nick", "Ada"), ("node", "n1"), ("nick", "Bob")):
        store.put_setting(connection, key, value)
    assert store.settings(connection) == {"nick": "Bob", "node": "n1"}
