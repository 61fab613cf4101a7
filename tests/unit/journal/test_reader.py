from pathlib import Path

import pytest

from lanchat.errors import JournalDamaged, JournalError, NoSuchRoom
from lanchat.journal import Journal, Reader
from tests.support.journal.damage import furnish, overwrite
from tests.support.journal.sayings import edit
from tests.support.rooms.said import draft, record


async def test_a_reader_reads_beside_the_journal(journal: Journal) -> None:
    await journal.put_room(record())
    with Reader(journal.path) as reader:
        kept = [(await journal.append(item)).event for item in (draft(nonce="n"), draft(), edit("n", "x"))]
        assert reader.room("r1") == record()
        assert (reader.oldest("r1"), reader.top("r1")) == (1, 3)
        assert reader.after("r1", 1, 9) == kept[1:]
        assert reader.later("r1", kept[:1]) == kept[2:]
        with pytest.raises(NoSuchRoom):
            reader.room("r2")


def test_what_goes_wrong_is_one_of_ours(database: Path) -> None:
    with pytest.raises(JournalError), Reader(database):
        pass
    furnish(database)
    overwrite(database, b"say 200.")
    with Reader(database) as reader, pytest.raises(JournalDamaged):
        reader.after("home", 0, 9_999)
