import asyncio
import contextlib
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from lanchat.archive import export_jsonl, import_jsonl
from lanchat.archive.importing import BATCH, id_here
from lanchat.errors import InvalidArchive, JournalError, JournalFailed
from lanchat.journal import Journal, Merged, Reader
from lanchat.journal.schema import open_reader
from lanchat.protocol import Event
from tests.support.archive.shelf import Shelf, bring, export, ignore, never
from tests.support.journal.before import EXPORT, KITCHEN, TARGETS, leave, readings
from tests.support.journal.damage import cut
from tests.support.rooms.said import HERE, THERE, draft, record


async def tell_nobody(*_: object) -> None:
    """Nobody listens."""


@pytest.fixture
def archive(reader: Reader, tmp_path: Path) -> Path:
    export(reader, tmp_path / "room.jsonl")
    return tmp_path / "room.jsonl"


async def test_a_room_comes_to_another_node_as_it_was(archive: Path, shelf: Shelf, said: Journal) -> None:
    report = await bring(archive, shelf)
    assert (report.name, report.merged, report.whole) == ("Kitchen", Merged(fresh=6), True)
    assert report.room == id_here(HERE.id, "r1") != "r1"
    [room] = await shelf.journal.rooms()
    assert (room.id, room.name, room.home) == (report.room, "Kitchen", HERE)
    mine, theirs = await shelf.journal.after(report.room, 0, 99), await said.after("r1", 0, 99)
    assert [(event.seq, event.author, event.at, event.kind, event.body) for event in mine] == [
        (event.seq, event.author, event.at, event.kind, event.body) for event in theirs
    ]
    assert [hit.event.seq for hit in await shelf.journal.search(report.room, "changed", None, 9)] == [2]


async def test_a_second_import_adds_nothing(archive: Path, shelf: Shelf) -> None:
    first = await bring(archive, shelf)
    again = await bring(archive, shelf)
    assert (again.room, again.merged) == (first.room, Merged(known=6))
    assert len(await shelf.journal.rooms()) == 1
    assert shelf.journal.top(first.room) == 6


async def test_a_room_of_this_node_gets_what_it_misses(archive: Path, shelf: Shelf, said: Journal) -> None:
    await shelf.journal.put_room(record())
    first = (await said.after("r1", 0, 1))[0]
    await shelf.journal.append(draft("of my own"))
    await shelf.journal.merge("r1", [first])
    report = await bring(archive, shelf)
    assert (report.room, report.merged) == ("r1", Merged(fresh=5, known=1))
    run = await shelf.journal.after("r1", 0, 99)
    assert [(event.seq, event.kind, event.body.target) for event in run] == [
        (1, "message", ""),
        (2, "message", ""),
        (3, "message", ""),
        (4, "edit", run[2].nonce),
        (5, "reaction", run[1].nonce),
        (6, "message", ""),
        (7, "deletion", run[5].nonce),
    ]


async def test_an_archive_of_before_has_its_edits_and_reactions_on_the_right_messages(shelf: Shelf) -> None:
    """What is about a message that the archive does not have is left out."""
    report = await bring(EXPORT, shelf)
    assert report.merged == Merged(fresh=12, refused=1)
    with contextlib.closing(open_reader(shelf.journal.path)) as connection:
        assert readings(connection, report.room) == KITCHEN
    targets = {event.nonce: event.body.target for event in await shelf.journal.after(report.room, 0, 99)}
    assert {nonce: target for nonce, target in targets.items() if target} == {
        nonce: target for nonce, target in TARGETS.items() if nonce != target
    }
    assert (await bring(EXPORT, shelf)).merged == Merged(known=12, refused=1)


async def test_an_archive_of_before_is_known_to_its_room(tmp_path: Path) -> None:
    leave("backup.db", tmp_path / "lanchat.db")
    async with Journal(tmp_path / "lanchat.db", tell_nobody) as journal:
        assert (await bring(EXPORT, Shelf(journal))).merged == Merged(known=13)


async def test_a_room_of_before_is_exported_as_it_is_today(tmp_path: Path, shelf: Shelf) -> None:
    leave("lanchat.db", tmp_path / "lanchat.db")
    async with Journal(tmp_path / "lanchat.db", tell_nobody):
        with Reader(tmp_path / "lanchat.db") as reader:
            assert await asyncio.to_thread(export_jsonl, reader, "kitchen", tmp_path / "k.jsonl", ignore, never) == 13
    report = await bring(tmp_path / "k.jsonl", shelf)
    assert report.merged == Merged(fresh=12, refused=1)
    with contextlib.closing(open_reader(shelf.journal.path)) as connection:
        assert readings(connection, report.room) == KITCHEN


async def test_the_room_itself_gets_nothing_new(archive: Path, said: Journal) -> None:
    report = await bring(archive, Shelf(said))
    assert (report.room, report.merged) == ("r1", Merged(known=6))


async def test_a_mirror_is_let_be_and_the_archive_is_a_room_beside_it(archive: Path, shelf: Shelf) -> None:
    await shelf.journal.put_room(record(home=THERE))
    report = await bring(archive, shelf)
    assert report.room != "r1"
    assert (shelf.journal.top("r1"), shelf.journal.top(report.room)) == (0, 6)


async def test_of_a_file_that_is_refused_nothing_is_kept(archive: Path, shelf: Shelf) -> None:
    cut(archive, 0.9)
    with pytest.raises(InvalidArchive):
        await bring(archive, shelf)
    assert await shelf.journal.rooms() == []


async def test_a_cancelled_import_goes_on_where_it_was(
    said: Journal, reader: Reader, shelf: Shelf, tmp_path: Path
) -> None:
    await asyncio.gather(*(said.append(draft(f"{number}")) for number in range(BATCH * 2)))
    path = tmp_path / "room.jsonl"
    export(reader, path)
    told: list[tuple[int, int]] = []
    loop = asyncio.get_running_loop()
    half = await asyncio.to_thread(
        import_jsonl, path, shelf, loop, lambda done, total: told.append((done, total)), lambda: len(told) == 2
    )
    assert (half.whole, half.merged) == (False, Merged(fresh=BATCH))
    assert told == [(0, BATCH * 2 + 6), (BATCH, BATCH * 2 + 6)]
    rest = await bring(path, shelf)
    assert rest.merged == Merged(fresh=BATCH + 6, known=BATCH)


async def test_an_error_of_the_journal_ends_it(archive: Path, shelf: Shelf) -> None:
    class Broken(Shelf):
        async def merge(self, room: str, events: Sequence[Event]) -> Merged:
            raise JournalFailed

    with pytest.raises(JournalError):
        await bring(archive, Broken(shelf.journal))


def test_without_a_loop_it_ends(tmp_path: Path) -> None:
    async def make() -> Path:
        async with Journal(tmp_path / "x.db", tell_nobody) as journal:
            await journal.put_room(record())
        return tmp_path

    asyncio.run(make())
    with Reader(tmp_path / "x.db") as reader:
        export(reader, tmp_path / "room.jsonl")
    closed = asyncio.new_event_loop()
    closed.close()
    with pytest.raises(JournalFailed):
        import_jsonl(tmp_path / "room.jsonl", Shelf(Journal(tmp_path / "x.db", tell_nobody)), closed, ignore, never)


async def test_memory_does_not_grow_with_the_room(said: Journal, reader: Reader, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    peaks = []
    for _ in range(2):
        await asyncio.gather(*(said.append(draft("word " * 100)) for _ in range(3_000)))
        tracemalloc.start()
        await asyncio.to_thread(export, reader, path)
        await bring(path, shelf)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
    assert path.stat().st_size > 3_000_000
