import apsw

from lanchat.journal import keys, rooms
from lanchat.journal.transaction import Transaction
from tests.support.journal.sayings import say
from tests.support.rooms.said import draft, record


def test_each_room_has_a_range_of_its_own(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record("r2"))
    bases = [keys.base(connection, room) for room in ("r1", "r2")]
    assert bases[1] - bases[0] > keys.HIGHEST
    say(connection, draft(), draft(room="r2"), draft(room="r2"))
    stored = [key for (key,) in connection.execute("SELECT key FROM entry ORDER BY key")]
    assert stored == [bases[0] + 1, bases[1] + 1, bases[1] + 2]


def test_no_event_lies_above_a_room_that_is_not_there(connection: apsw.Connection) -> None:
    say(connection, "one")
    base = keys.base(connection, "nowhere")
    rows = connection.execute("SELECT key FROM entry WHERE key BETWEEN ? AND ?", (base, base + keys.HIGHEST))
    assert rows.fetchall() == []
