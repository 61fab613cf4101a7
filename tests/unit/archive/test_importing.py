"""An exported room into another node: merged with what is there, nothing twice."""

import asyncio
import contextlib
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from lanchat.archive.formats.lines import FORMAT, VERSION, EventLine, Header, Trailer
from lanchat.archive.importing import AHEAD, BATCH, Imported, LivingRooms, id_here, import_room, on_loop
from lanchat.archive.progress import Cancelled, Progress
from lanchat.errors import InvalidArchive, JournalError, JournalFailed, RoomIsHere
from lanchat.identity import Seal, check
from lanchat.journal import Draft, Journal, Merged, Reader
from lanchat.journal.retention import Retention
from lanchat.journal.schema import open_reader
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Body, Event, NodeInfo, unverified_id
from lanchat.rooms.registry import RoomRegistry
from tests.support.archive.shelf import Shelf, Watched, bring, cancelled, export
from tests.support.identity import GUEST, OTHER_SEAL, SEAL
from tests.support.journal.before import EXPORT, KITCHEN, TARGETS, leave, readings
from tests.support.journal.damage import cut
from tests.support.rooms.said import ADA, HERE, THERE, draft, record


async def tell_nobody(*_: object) -> None:
    """Nobody listens."""


@pytest.fixture
def archive(reader: Reader, tmp_path: Path) -> Path:
    export(reader, tmp_path / "room.jsonl")
    return tmp_path / "room.jsonl"


async def test_a_room_comes_to_another_node_as_it_was(archive: Path, shelf: Shelf, said: Journal) -> None:
    report = await bring(archive, shelf)
    assert (report.name, report.merged) == ("Kitchen", Merged(fresh=6))
    assert report.room == id_here(HERE.id, "r1") != "r1"
    [room] = await shelf.journal.rooms()
    assert (room.id, room.name, room.home) == (report.room, "Kitchen", HERE)
    mine, theirs = await shelf.journal.after(report.room, 0, 99), await said.after("r1", 0, 99)
    assert [(event.seq, event.author, event.at, event.kind, event.body) for event in mine] == [
        (event.seq, event.author, event.at, event.kind, event.body) for event in theirs
    ]
    assert [hit.event.seq for hit in (await shelf.journal.search(report.room, "changed", None, 9)).hits] == [2]


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
    with pytest.raises(RoomIsHere, match=r"Kitchen has its home here.*lanchat import --merge"):
        await bring(archive, shelf)
    assert shelf.journal.top("r1") == 2
    report = await bring(archive, shelf, merge=True)
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
            exported = await asyncio.to_thread(export, reader, tmp_path / "k.jsonl", room="kitchen")
    assert exported.count == 13
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


# Whose it is ----------------------------------------------------------------------------------------------------------

PERSON, HOST = Author(id=OTHER_SEAL.id, nick="Max"), Author(id=SEAL.id, nick="Ada")


def signed_line(author: Author, seal: Seal = OTHER_SEAL, room: str = "r1") -> EventLine:
    """The line of what somebody said, as the node of that seal exports it."""
    said = seal.leaving(seal.said(Draft(room, "n", author, Body(text="said"))))
    return EventLine(1, "n", author, 5, "message", said.body, said.signature, said.voucher)


def write(path: Path, *lines: EventLine) -> Path:
    encoder = msgspec.json.Encoder()
    header = Header(FORMAT, VERSION, "r1", "Kitchen", HERE, len(lines))
    data = encoder.encode_lines([header, *lines])
    path.write_bytes(data + encoder.encode_lines([Trailer(len(lines), hashlib.sha256(data).hexdigest())]))
    return path


LINES: dict[str, tuple[EventLine, str]] = {
    "by a person with a key": (signed_line(PERSON), PERSON.id),
    "by this node's person": (signed_line(HOST, SEAL), HOST.id),
    "by a guest": (signed_line(GUEST), GUEST.id),
    "by nobody in particular": (replace(signed_line(PERSON), author=ADA, signature=""), ADA.id),
    "by a person with a key, unsigned": (replace(signed_line(PERSON), signature=""), unverified_id(PERSON.id)),
    "by this node's person, unsigned": (replace(signed_line(HOST, SEAL), signature=""), unverified_id(HOST.id)),
    "by a guest, unsigned": (replace(signed_line(GUEST), signature="", voucher=""), unverified_id(GUEST.id)),
    "by a guest, vouched for without a signature": (replace(signed_line(GUEST), signature=""), unverified_id(GUEST.id)),
    "in a room that went on as this one": (
        replace(signed_line(PERSON, room="r2"), body=Body(text="said", origin="r2")),
        unverified_id(PERSON.id),
    ),
    "by a person, with another text": (replace(signed_line(PERSON), body=Body(text="forged")), ""),
    "by a person, under another nonce": (replace(signed_line(PERSON), nonce="n2"), ""),
    "by a person, under another name": (replace(signed_line(PERSON), author=replace(PERSON, nick="Ada")), ""),
    "by another person": (replace(signed_line(PERSON), author=HOST), ""),
    "by a guest of another node": (replace(signed_line(GUEST), voucher=SEAL.id), ""),
    "said in another room": (signed_line(PERSON, room="r2"), ""),
    "by nobody in particular, with a signature": (replace(signed_line(PERSON), author=ADA), ""),
    "by a person, with a signature that is none": (replace(signed_line(PERSON), signature="x"), ""),
}


@pytest.mark.parametrize("name", LINES)
async def test_nobody_says_in_a_room_of_this_node_what_they_did_not_say(
    shelf: Shelf, tmp_path: Path, name: str
) -> None:
    line, author = LINES[name]
    await shelf.journal.put_room(record())
    report = await bring(write(tmp_path / "room.jsonl", line), shelf)
    kept = await shelf.journal.after("r1", 0, 9)
    assert [event.author.id for event in kept] == ([author] if author else [])
    assert ("wrong signature" in str(report)) == (not author)
    for event in kept:
        check(event)
        assert not event.body.origin, "the word by which that room went on as this one is a rule, and stays out"


@pytest.mark.parametrize("name", [name for name, (_, author) in LINES.items() if author])
async def test_in_another_room_a_signature_says_nothing(shelf: Shelf, tmp_path: Path, name: str) -> None:
    """The words stay, under an id that is nobody's, the same one for all words of one person."""
    line, _ = LINES[name]
    report = await bring(write(tmp_path / "room.jsonl", line), shelf)
    assert report.room == id_here(HERE.id, "r1")
    [event] = await shelf.journal.after(report.room, 0, 9)
    author = line.author.id
    assert event.author.id == (author if author == ADA.id else unverified_id(author))
    assert (event.signature, event.voucher, event.body) == ("", "", replace(line.body, origin=""))


async def test_what_is_about_something_forged_has_no_place_either(shelf: Shelf, tmp_path: Path) -> None:
    await shelf.journal.put_room(record())
    forged = replace(signed_line(PERSON), body=Body(text="forged"))
    edit = EventLine(2, "e", ADA, 6, "edit", Body(text="x", target="n"))
    report = await bring(write(tmp_path / "room.jsonl", forged, edit), shelf)
    assert (report.merged, report.forged) == (Merged(refused=1), 1)
    assert str(report).endswith("1 had no place there, 1 had a wrong signature and was left out.")


async def test_a_room_that_goes_out_and_in_again_has_its_authors(
    shelf: Shelf, journal: Journal, tmp_path: Path
) -> None:
    await journal.put_room(record())
    for said in (SEAL.said(draft(author=HOST)), SEAL.said(draft(author=GUEST)), draft(author=ADA)):
        await journal.append(said)
    with Reader(journal.path) as reader:
        export(reader, tmp_path / "room.jsonl")
    await shelf.journal.put_room(record())
    assert (await bring(tmp_path / "room.jsonl", shelf)).merged == Merged(fresh=3)
    kept = await shelf.journal.after("r1", 0, 9)
    for event in kept:
        check(event)
    assert [event.author for event in kept] == [HOST, GUEST, ADA]


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
    progress = Watched(2)
    with pytest.raises(Cancelled, match=f"^{2 * BATCH} entries are now in Kitchen"):
        await bring(path, shelf, progress)
    assert progress.steps == [(0, BATCH * 2 + 6), (BATCH, BATCH * 2 + 6)]
    rest = await bring(path, shelf)
    assert rest.merged == Merged(fresh=6, known=2 * BATCH)


async def test_an_error_of_the_journal_ends_it(archive: Path, shelf: Shelf) -> None:
    class Broken(Shelf):
        async def _merge(self, room: str, events: Sequence[Event]) -> Merged:
            raise JournalFailed

    with pytest.raises(JournalError):
        await bring(archive, Broken(shelf.journal))


async def test_what_is_whole_cannot_be_cancelled_any_more(archive: Path, shelf: Shelf) -> None:
    class Late(Shelf):
        async def _merge(self, room: str, events: Sequence[Event]) -> Merged:
            progress.cancel()
            return await super()._merge(room, events)

    progress = Progress()
    assert (await bring(archive, Late(shelf.journal), progress)).merged == Merged(fresh=6)


@pytest.mark.parametrize(
    ("merged", "sentence"),
    [
        (Merged(fresh=2), "2 entries are now in Kitchen."),
        (Merged(fresh=1, known=1), "1 entry is now in Kitchen, 1 was there already."),
        (Merged(known=2, refused=3), "0 entries are now in Kitchen, 2 were there already, 3 had no place there."),
    ],
)
def test_what_came_of_it_is_a_sentence(merged: Merged, sentence: str) -> None:
    assert str(Imported("r1", "Kitchen", merged)) == sentence


async def _nothing() -> None:
    """Nothing is to be done."""


def test_without_a_loop_it_ends() -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    with pytest.raises(JournalFailed):
        on_loop(_nothing(), closed)


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


class Host:
    """One node's rooms, journal and files."""

    def __init__(self, name: str, rooms: RoomRegistry, journal: Journal) -> None:
        self.info = NodeInfo(id=name * 32, name=name)
        self.rooms = rooms
        self.journal = journal
        self.target = LivingRooms(self.info, rooms, journal)

    async def talk(self, name: str, *texts: str) -> str:
        room = await self.rooms.open(name)
        for text in texts:
            await room.post(Draft(room.id, f"nonce of {text}", ADA, Body(text=text)))
        return room.id

    async def texts(self, room: str) -> list[str]:
        return [event.body.text for event in await self.journal.after(room, 0, 500)]

    async def write(self, room: str, target: Path) -> int:
        def written() -> int:
            with Reader(self.journal.path) as reader:
                return export(reader, target, room=room).count

        return await asyncio.to_thread(written)

    async def read(self, source: Path, progress: Progress | None = None, *, merge: bool = False) -> str:
        return str(await asyncio.to_thread(import_room, source, self.target, progress or Progress(), merge=merge))


@asynccontextmanager
async def host(path: Path, name: str) -> AsyncIterator[Host]:
    async def publish(room: str, events: object) -> None: ...

    async with InMemoryChannelLayer() as layer, Journal(path / f"{name}.db", on_commit=publish) as journal:
        rooms = RoomRegistry(NodeInfo(id=name * 32, name=name), journal, layer, lambda: None, Notifications(layer))
        yield Host(name, rooms, journal)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Host]:
    async with host(tmp_path, "a") as here:
        yield here


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Host]:
    async with host(tmp_path, "b") as there:
        yield there


async def test_a_room_moves_to_another_node_once_however_often_it_is_read(
    here: Host, there: Host, tmp_path: Path
) -> None:
    room = await here.talk("Kitchen", "one", "two")
    file = tmp_path / "room.jsonl"
    assert await here.write(room, file) == 2
    assert await there.read(file) == "2 entries are now in Kitchen."
    copy = there.rooms.get(id_here(there.info.id, room))
    assert (copy.name, copy.kind, await there.texts(copy.id)) == ("Kitchen", "home", ["one", "two"])
    assert await there.read(file) == "0 entries are now in Kitchen, 2 were there already."
    assert await there.texts(copy.id) == ["one", "two"]


async def test_a_room_that_is_here_gets_back_what_it_has_not(here: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    assert await here.read(file) == "0 entries are now in Kitchen, 1 was there already."
    assert len(here.rooms) == 1


def forge(file: Path, *events: dict[str, object]) -> None:
    """Add entries to an archive, and give it an end that fits and that nobody has signed."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    last = lines[-2]
    del lines[-1]
    lines += [{**last, "seq": last["seq"] + number, **event} for number, event in enumerate(events, 1)]
    whole = "".join(json.dumps(line) + "\n" for line in lines)
    end = {"line": "end", "count": len(lines) - 1, "sha256": hashlib.sha256(whole.encode()).hexdigest()}
    file.write_text(whole + json.dumps(end) + "\n", "utf-8")


async def test_a_file_puts_no_words_into_a_room_that_is_here_unless_the_owner_says_so(
    here: Host, tmp_path: Path
) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    [one] = await here.journal.after(room, 0, 9)
    tomorrow = one.at + 2 * AHEAD
    forge(
        file,
        {"nonce": "long ago", "at": 0, "body": {"text": "in 1970"}},
        {"nonce": "before", "at": one.at - 1, "body": {"text": "before the room"}},
        {"nonce": "ahead", "at": tomorrow, "body": {"text": "in the future"}},
        {"nonce": "lost", "at": one.at + 1, "body": {"text": "lost"}},
    )
    with pytest.raises(RoomIsHere, match="Kitchen has its home here"):
        await here.read(file)
    assert (await here.texts(room), len(here.rooms)) == (["one"], 1)
    sentence = "1 entry is now in Kitchen, 1 was there already, 3 had no place there."
    assert await here.read(file, merge=True) == sentence
    assert await here.texts(room) == ["one", "lost"]


async def test_a_room_of_which_the_oldest_was_removed_gets_older_ones_back(here: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one", "two")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    await here.journal.retain(room, Retention(count=1))
    assert await here.read(file, merge=True) == "1 entry is now in Kitchen, 1 was there already."
    assert await here.texts(room) == ["two", "one"]


async def test_nothing_comes_from_the_future_into_a_new_room(here: Host, there: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    forge(file, {"nonce": "ahead", "at": 2**52, "body": {"text": "in the future"}})
    assert await there.read(file) == "1 entry is now in Kitchen, 1 had no place there."


async def test_what_comes_from_a_file_calls_nobody(here: Host, there: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "@Ada soup")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    await there.read(file)
    assert there.rooms.get(id_here(there.info.id, room)).past >= 1


async def test_what_is_cancelled_before_it_begins_says_so(here: Host, there: Host, tmp_path: Path) -> None:
    room = await here.talk("Kitchen", "one")
    file = tmp_path / "room.jsonl"
    await here.write(room, file)
    with pytest.raises(Cancelled, match="0 entries are now in Kitchen"):
        await there.read(file, cancelled())


async def test_a_file_that_is_no_room_is_refused(there: Host, tmp_path: Path) -> None:
    file = tmp_path / "room.jsonl"
    file.write_text("hello\n", "utf-8")
    with pytest.raises(InvalidArchive):
        await there.read(file)
    assert len(there.rooms) == 0
