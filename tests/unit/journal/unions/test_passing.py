"""What of a room that goes on as another one waits for that one's home."""

import apsw
import pytest
from msgspec.structs import replace

from lanchat.journal import keys, numbering, outbox, reading, rooms, unions
from lanchat.journal.memberships import MembershipRecord
from lanchat.journal.memberships import rows as memberships
from lanchat.journal.transaction import Transaction
from lanchat.journal.unions import passing
from lanchat.protocol import unverified_id
from tests.support.identity import SEAL, key
from tests.support.rooms.said import ADA, THERE, draft, record
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, THIRD = CHAIN.rooms


@pytest.fixture(autouse=True)
def both(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record(SECOND))
    rooms.put_room(Transaction(connection), replace(record(FIRST), home=THERE))


def pass_on(connection: apsw.Connection) -> None:
    seq = 0
    while seq := unions.pass_on(Transaction(connection), SECOND, FIRST, seq):
        pass


def test_everything_waits_once_in_its_order_with_times_and_where_it_was_said(
    connection: apsw.Connection, transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "PIECE", 2)
    said = [numbering.append(transaction, draft(text, room=SECOND, nonce=text)).event for text in "abcde"]
    word = CHAIN.word(SECOND, FIRST)
    unions.announce(transaction, FIRST, [word])
    pass_on(connection)
    outbox.enqueue(transaction, replace(draft("held", room=SECOND), signature="s"))
    pass_on(connection)  # as who was ended in the middle
    unions.inherit(Transaction(connection), SECOND, FIRST)
    waiting = [each for _, each in outbox.waiting(connection, FIRST, outbox.FIRST)]
    assert [each.body.text for each in waiting[1:]] == [*"abcde", "held"]
    assert waiting[0].nonce == word.nonce
    assert {each.body.origin for each in waiting} == {SECOND}
    assert [each.at for each in waiting[1:6]] == [event.at for event in said]
    assert waiting[6].at > 0, "others bring it as well, and it says when that was"
    assert waiting[6].signature == "s"
    assert SECOND not in {room.id for room in rooms.rooms(connection)}


def test_what_the_other_room_has_already_does_not_wait(connection: apsw.Connection, transaction: Transaction) -> None:
    rooms.put_room(transaction, record(FIRST))
    numbering.append(transaction, draft(room=FIRST, nonce="a"))
    numbering.append(transaction, draft(room=SECOND, nonce="a"))
    pass_on(connection)
    assert outbox.waiting(connection, FIRST, outbox.FIRST) == []


def test_rules_stay_but_for_the_words_by_which_others_came(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    numbering.append(transaction, replace(draft('{"change":"locked"}', room=SECOND), kind="rule"))
    word = CHAIN.word(THIRD, SECOND, standing=SECOND)
    transaction.keep(replace(word, seq=2))
    transaction.keep(CHAIN.said(THIRD, "tea", standing=SECOND, seq=3))
    pass_on(connection)
    waiting = [each for _, each in outbox.waiting(connection, FIRST, outbox.FIRST)]
    assert [(each.kind, each.body.origin) for each in waiting] == [("rule", THIRD), ("message", THIRD)]


def test_what_comes_home_to_the_room_in_which_it_was_said_has_no_origin(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    transaction.keep(CHAIN.said(FIRST, "tea", standing=SECOND))
    pass_on(connection)
    assert [each.body.origin for _, each in outbox.waiting(connection, FIRST, outbox.FIRST)] == [""]


def test_its_people_are_in_the_other_room(connection: apsw.Connection, transaction: Transaction) -> None:
    numbering.append(transaction, draft(room=SECOND))
    memberships.put(connection, [MembershipRecord(ADA.id, SECOND, read=1, favourite=True, notices="mentions")])
    unions.inherit(transaction, SECOND, FIRST)
    (record_,) = memberships.of_person(connection, ADA.id)
    assert (record_.room, record_.favourite, record_.notices) == (FIRST, True, "mentions")
    assert record_.read == 0, "what they have not read there is not taken for read"
    assert reading.top(connection, SECOND) == 0


def test_what_nobody_has_signed_or_can_is_found(connection: apsw.Connection, transaction: Transaction) -> None:
    mine = replace(draft(room=SECOND), author=replace(ADA, id=SEAL.id))
    numbering.append(transaction, mine)
    numbering.append(transaction, replace(draft(room=SECOND), voucher=SEAL.id))
    assert unions.is_provable(transaction, SECOND, SEAL.id)
    numbering.append(transaction, replace(draft(room=SECOND), author=replace(ADA, id=unverified_id("old"))))
    assert not unions.is_provable(transaction, SECOND, SEAL.id)


def test_a_room_began_with_its_first_word_as_long_as_that_is_kept(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    assert unions.begun(transaction, SECOND) == 0
    first = numbering.append(transaction, draft(room=SECOND)).event
    numbering.append(transaction, draft(room=SECOND))
    assert unions.begun(transaction, SECOND) == first.at
    base = keys.base(connection, SECOND)
    transaction.remove(base + 1, base + 1)
    assert unions.begun(transaction, SECOND) == 0
