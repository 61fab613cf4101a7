"""What was said in another room stands in one only behind the word of that room's owner."""

import apsw
import pytest
from msgspec.structs import replace

from lanchat.errors import NotUnited, StaysApart
from lanchat.journal import Draft, numbering, rooms
from lanchat.journal.log import rows as ledgers
from lanchat.journal.transaction import Transaction
from lanchat.protocol import Event
from tests.support.identity import key
from tests.support.rooms.said import THERE, record
from tests.support.rooms.words import Chain

CHAIN, STRANGER = Chain(key(1)), Chain(key(2))
FIRST, SECOND, THIRD = CHAIN.rooms


def brought(event: Event) -> Draft:
    return Draft.again(event)


@pytest.fixture(autouse=True)
def room(connection: apsw.Connection) -> None:
    rooms.put_room(Transaction(connection), record(FIRST))


def test_words_of_another_room_stand_behind_the_word_by_which_it_goes_on_as_this(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    said = brought(CHAIN.said(SECOND, "tea", standing=FIRST))
    with pytest.raises(NotUnited):
        numbering.append(transaction, said)
    numbering.append(transaction, brought(CHAIN.word(SECOND, FIRST, standing=FIRST)))
    assert numbering.append(transaction, said).event.body.origin == SECOND
    assert numbering.append(Transaction(connection), replace(said, nonce="later")).fresh, "and after a restart"


def test_a_room_that_went_on_as_one_that_goes_on_as_this_comes_along(transaction: Transaction) -> None:
    early = brought(CHAIN.word(THIRD, SECOND, standing=FIRST))
    with pytest.raises(StaysApart):
        numbering.append(transaction, early)
    numbering.append(transaction, brought(CHAIN.word(SECOND, FIRST, standing=FIRST)))
    numbering.append(transaction, early)
    numbering.append(transaction, brought(CHAIN.said(THIRD, "tea", standing=FIRST)))


@pytest.mark.parametrize("what", ["another room's", "somebody else's", "an other rule", "upwards"])
def test_no_other_word_opens_a_room_for_what_was_said_elsewhere(transaction: Transaction, what: str) -> None:
    word = CHAIN.word(SECOND, FIRST, standing=FIRST)
    forged = {
        "another room's": replace(word, body=replace(word.body, origin=THIRD)),
        "somebody else's": replace(word, author=STRANGER.author),
        "an other rule": replace(word, body=replace(word.body, text='{"change":"locked"}')),
        "upwards": replace(word, body=replace(word.body, text=word.body.text.replace(FIRST, "f" * 32))),
    }[what]
    with pytest.raises(StaysApart):
        numbering.append(transaction, brought(forged))
    with pytest.raises(NotUnited):
        numbering.append(transaction, brought(CHAIN.said(SECOND, "tea", standing=FIRST)))


def test_a_word_whose_nonce_somebody_else_has_taken_opens_nothing(transaction: Transaction) -> None:
    """Mirrors would not have it, and take nothing that stands behind it."""
    word = CHAIN.word(SECOND, FIRST, standing=FIRST)
    numbering.append(transaction, replace(brought(STRANGER.said(FIRST, "x", standing=FIRST)), nonce=word.nonce))
    assert not numbering.append(transaction, brought(word)).fresh
    with pytest.raises(NotUnited):
        numbering.append(transaction, brought(CHAIN.said(SECOND, "tea", standing=FIRST)))


def test_a_mirror_takes_words_of_another_room_only_behind_its_owners(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    rooms.put_room(transaction, replace(record(FIRST), home=THERE))
    word, said = CHAIN.word(SECOND, FIRST, standing=FIRST), CHAIN.said(SECOND, "tea", standing=FIRST, seq=2)
    with pytest.raises(NotUnited):
        numbering.mirror(Transaction(connection), FIRST, [replace(said, seq=1)])
    numbering.mirror(transaction, FIRST, [word, said])


def test_a_word_that_is_not_acknowledged_yet_counts_for_what_is_numbered_behind_it(
    connection: apsw.Connection, transaction: Transaction
) -> None:
    ledgers.found(transaction, FIRST, "me", "")
    ledgers.begin(transaction, FIRST, 0, alone=False)
    numbering.append(transaction, brought(CHAIN.word(SECOND, FIRST, standing=FIRST)), brought=True)
    later = Transaction(connection)
    assert numbering.append(later, brought(CHAIN.said(SECOND, "tea", standing=FIRST)), brought=True).place
