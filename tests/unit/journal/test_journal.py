import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from lanchat.errors import (
    InvalidFrame,
    JournalDamaged,
    JournalFailed,
    JournalNewer,
    LanchatError,
    NoSuchMessage,
    NoSuchRoom,
    NotYours,
)
from lanchat.journal import Draft, Journal, Kept, Retention, RoomRecord
from lanchat.journal.schema import VERSION
from lanchat.protocol import Event, Mark
from tests.support.conditions import eventually
from tests.support.journal.contract import ROOM, JournalContract
from tests.support.journal.sayings import edit
from tests.support.rooms.said import ADA, BOB, HERE, THERE, draft, event, record
from tests.unit.conftest import Commits


@pytest.fixture
async def home(journal: Journal) -> Journal:
    """A journal with one room that has its home here."""
    await journal.put_room(record())
    return journal


@pytest.fixture
def transactions(home: Journal) -> Iterator[list[int]]:
    """How many events each durable transaction of the writer has kept, from now on."""
    sizes: list[int] = []
    kept: list[int] = []
    connection = home._writer.connection

    def count(kind: int, name: str, table: str, key: int) -> None:
        if table == "entry":
            kept.append(key)

    def note(*_: object) -> int:
        sizes.append(len(kept))
        kept.clear()
        return apsw.SQLITE_OK

    connection.set_update_hook(count)
    connection.set_wal_hook(note)
    yield sizes
    connection.set_wal_hook(None)
    connection.set_update_hook(None)


async def ignore(room: str, events: list[Event]) -> None:
    """Nobody listens."""


def seqs(events: list[Event]) -> list[int]:
    return [event.seq for event in events]


class Gate:
    """Holds the writer's thread, so that what is written meanwhile waits together."""

    def __init__(self, journal: Journal) -> None:
        self._open = threading.Event()
        self._reached = threading.Event()
        self._done = journal._writer.write(self._wait)

    def _wait(self, _: object) -> None:
        self._reached.set()
        self._open.wait(5)

    async def __aenter__(self) -> None:
        await eventually(self._reached.is_set, what="the writer stands at the gate")

    async def __aexit__(self, *_: object) -> None:
        self._open.set()
        await self._done


# Numbering ------------------------------------------------------------------------------------------------------------


async def test_events_are_numbered_densely_in_the_order_of_the_calls(home: Journal) -> None:
    kept = await asyncio.gather(*(home.append(draft(f"{number}")) for number in range(200)))
    assert [(item.event.seq, item.event.body.text) for item in kept] == [(n + 1, f"{n}") for n in range(200)]
    assert await home.after("r1", 0, 500) == [item.event for item in kept]
    assert home.top("r1") == 200


async def test_many_at_once_in_many_rooms(journal: Journal, commits: Commits) -> None:
    rooms = [f"r{number}" for number in range(5)]
    for room in rooms:
        await journal.put_room(record(room))

    async def talk(room: str) -> list[int]:
        return [(await journal.append(draft(room=room))).event.seq for _ in range(20)]

    assert await asyncio.gather(*(talk(room) for room in rooms for _ in range(2)))
    for room in rooms:
        told = [seq for told_room, run in commits if told_room == room for seq in run]
        assert told == seqs(await journal.after(room, 0, 500)) == list(range(1, 41))


async def test_a_repeated_nonce_gives_the_same_event_and_tells_nobody(home: Journal, commits: Commits) -> None:
    first = await home.append(draft("once", nonce="n"))
    again = await home.append(draft("once", nonce="n"))
    assert again == Kept(first.event, fresh=False)
    assert first.fresh
    assert (home.top("r1"), commits) == (1, [("r1", [1])])


async def test_a_nonce_repeated_in_the_same_transaction_is_one_event(home: Journal, commits: Commits) -> None:
    async with Gate(home):
        both = [home.append(draft("once", nonce="n")) for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert (first.fresh, second.fresh) == (True, False)
    assert first.event == second.event
    assert commits == [("r1", [1])]


async def test_what_was_acknowledged_can_be_read_at_once(home: Journal) -> None:
    for number in range(20):
        kept = await home.append(draft())
        assert await home.after("r1", number, 50) == await home.before("r1", number + 2, 1) == [kept.event]
        assert await home.after("r1", kept.event.seq - 1, 1) == [kept.event]


async def test_events_are_told_after_their_commit_and_before_their_author(database: Path) -> None:
    told: list[int] = []
    kept: list[asyncio.Future[Kept]] = []

    async def tell(room: str, events: list[Event]) -> None:
        assert not any(future.done() for future in kept[len(told) :])
        assert journal.top(room) == events[-1].seq
        assert await journal.after(room, events[0].seq - 1, 500) == events
        told.extend(seqs(events))

    async with Journal(database, tell) as journal:
        await journal.put_room(record())
        kept.extend(journal.append(draft()) for _ in range(30))
        await asyncio.gather(*kept)
    assert told == list(range(1, 31))


# Group commit ---------------------------------------------------------------------------------------------------------


async def test_what_waits_together_shares_one_transaction(home: Journal, transactions: list[int]) -> None:
    async with Gate(home):
        waiting = [home.append(draft()) for _ in range(100)]
    await asyncio.gather(*waiting)
    assert transactions == [100]


async def test_one_post_has_its_own_transaction_and_nothing_has_none(home: Journal, transactions: list[int]) -> None:
    await home.append(draft(nonce="n"))
    await home.append(draft(nonce="n"))
    await home.append(draft())
    assert transactions == [1, 1]


async def test_one_transaction_is_told_once_for_each_room(home: Journal, commits: Commits) -> None:
    await home.put_room(record("r2"))
    async with Gate(home):
        waiting = [home.append(draft(room=room)) for room in ("r1", "r2", "r1", "r1")]
    await asyncio.gather(*waiting)
    assert commits == [("r1", [1, 2, 3]), ("r2", [1])]


async def test_a_write_that_fails_fails_alone(home: Journal, commits: Commits) -> None:
    async with Gate(home):
        authors = {"one": ADA, "half \ud83d": BOB, "two": ADA, "three": ADA}
        waiting = [home.append(draft(text, author=author)) for text, author in authors.items()]
    one, half, two, three = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(half, JournalFailed)
    assert [kept.event.seq for kept in (one, two, three) if isinstance(kept, Kept)] == [1, 2, 3]
    assert [event.body.text for event in await home.after("r1", 0, 50)] == ["one", "two", "three"]
    assert [seq for _, run in commits for seq in run] == [1, 2, 3]
    assert (await home.append(draft())).event.seq == 4


async def test_a_refused_write_costs_the_others_nothing(home: Journal, transactions: list[int]) -> None:
    async with Gate(home):
        waiting = [home.append(draft(room=room)) for room in ("r1", "nowhere", "r1")]
    one, nowhere, two = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(nowhere, NoSuchRoom)
    assert isinstance(one, Kept)
    assert isinstance(two, Kept)
    assert transactions == [2]


async def test_an_author_who_is_gone_changes_nothing(home: Journal) -> None:
    async with Gate(home):
        gone, stays = home.append(draft("gone")), home.append(draft("stays"))
        gone.cancel()
    assert (await stays).event.seq == 2
    assert home.top("r1") == 2


async def test_a_listener_that_fails_does_not_stop_the_journal(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[int] = []

    async def tell(room: str, events: list[Event]) -> None:
        told.extend(seqs(events))
        raise ZeroDivisionError

    async with Journal(database, tell) as journal:
        await journal.put_room(record())
        for _ in range(3):
            assert (await journal.append(draft())).fresh
        assert journal.top("r1") == 3
    assert told == [1, 2, 3]
    assert "kept but not published" in caplog.text


# Mirrors and the outbox -----------------------------------------------------------------------------------------------


async def test_a_mirror_keeps_its_homes_numbers_and_tells_them(journal: Journal, commits: Commits) -> None:
    await journal.put_room(record(home=THERE))
    await asyncio.gather(journal.mirror("r1", [event(1), event(2)]), journal.mirror("r1", [event(2), event(3)]))
    assert await journal.after("r1", 0, 50) == [event(1), event(2), event(3)]
    assert journal.top("r1") == 3
    assert [seq for _, run in commits for seq in run] == [1, 2, 3]


@pytest.mark.parametrize("run", [[event(3)], [event(2), event(4)], [event(2, nonce="r1-1")]])
async def test_what_does_not_fit_a_mirror_is_refused_whole(
    journal: Journal, commits: Commits, run: list[Event]
) -> None:
    await journal.put_room(record(home=THERE))
    await journal.mirror("r1", [event(1)])
    with pytest.raises(InvalidFrame):
        await journal.mirror("r1", run)
    assert await journal.after("r1", 0, 50) == [event(1)]
    assert commits == [("r1", [1])]
    await journal.mirror("r1", [event(2)])


async def test_a_number_that_sqlite_cannot_keep_fails_alone(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    async with Gate(journal):
        waiting = [journal.mirror("r1", [event(1)]), journal.mirror("r1", [event(2, at=2**70)])]
    first, second = await asyncio.gather(*waiting, return_exceptions=True)
    assert (first, type(second)) == (None, JournalFailed)
    assert journal.top("r1") == 1


async def test_the_outbox_empties_as_the_home_numbers(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    drafts = [draft(nonce=f"n{number}") for number in range(3)]
    assert await asyncio.gather(*(journal.enqueue(item) for item in drafts)) == [None, None, None]
    waiting = await journal.outbox("r1")
    assert [item for _, item in waiting] == drafts
    assert await journal.outbox("r1", waiting[0][0]) == waiting[1:]
    await journal.mirror("r1", [event(1, nonce="n1")])
    assert [item for _, item in await journal.outbox("r1")] == [drafts[0], drafts[2]]
    await journal.dequeue("r1", "n0")
    assert [item for _, item in await journal.outbox("r1")] == [drafts[2]]
    assert await journal.enqueue(drafts[1]) == Kept(event(1, nonce="n1"), fresh=False)


async def test_the_outbox_belongs_to_its_room(journal: Journal) -> None:
    for room in ("r1", "r2"):
        await journal.put_room(record(room, home=THERE))
        await journal.enqueue(draft(room=room, nonce="n"))
    await journal.dequeue("r1", "n")
    assert len(await journal.outbox("r2")) == 1
    with pytest.raises(NoSuchRoom):
        await journal.enqueue(draft(room="nowhere"))


# Rooms ----------------------------------------------------------------------------------------------------------------


async def test_a_forgotten_room_is_gone_and_may_come_back_empty(home: Journal, commits: Commits) -> None:
    await home.append(draft())
    await home.delete_room("r1")
    assert (home.top("r1"), await home.after("r1", 0, 50), await home.rooms()) == (0, [], [])
    with pytest.raises(NoSuchRoom):
        await home.append(draft())
    await home.put_room(record())
    assert (await home.append(draft())).event.seq == 1
    assert commits == [("r1", [1]), ("r1", [1])]


async def test_a_room_that_comes_back_at_once_begins_anew(home: Journal) -> None:
    await home.append(draft())
    async with Gate(home):
        work = [
            asyncio.ensure_future(home.delete_room("r1")),
            asyncio.ensure_future(home.put_room(record(home=THERE))),
        ]
        await asyncio.sleep(0)
        mirrored = home.mirror("r1", [event(1), event(2)])
    await asyncio.gather(*work, mirrored)
    assert await home.after("r1", 0, 50) == [event(1), event(2)]
    assert home.top("r1") == 2


async def test_a_room_in_which_somebody_just_spoke_is_not_replaced(home: Journal) -> None:
    async with Gate(home):
        said = home.append(draft())
        replaced = asyncio.ensure_future(home.replace_room("r1", record("r2", home=THERE)))
    assert not await replaced
    assert (await said).event.seq == 1
    assert await home.rooms() == [record()]


async def test_who_speaks_too_late_in_a_replaced_room_is_told(home: Journal) -> None:
    async with Gate(home):
        replaced = asyncio.ensure_future(home.replace_room("r1", record("r2", home=THERE)))
        await asyncio.sleep(0)
        said = home.append(draft())
    assert await replaced
    with pytest.raises(NoSuchRoom):
        await said
    assert await home.rooms() == [record("r2", home=THERE)]


# Opening and closing --------------------------------------------------------------------------------------------------


async def test_everything_is_there_after_opening_it_again(database: Path, commits: Commits) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        await journal.put_room(record("r2", home=THERE))
        kept = [(await journal.append(draft())).event for _ in range(3)]
        await journal.enqueue(draft(room="r2", nonce="n"))
        waiting = await journal.outbox("r2")
        await journal.put_setting("nick", "Ada")
    async with Journal(database, ignore) as journal:
        assert await journal.rooms() == [record(), record("r2", home=THERE)]
        assert await journal.after("r1", 0, 50) == kept
        assert (journal.top("r1"), journal.top("r2")) == (3, 0)
        assert await journal.outbox("r2") == waiting
        assert await journal.settings() == {"nick": "Ada"}
        assert (await journal.append(draft())).event.seq == 4


async def test_closing_keeps_what_still_waits(database: Path) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        waiting = [journal.append(draft()) for _ in range(50)]
    assert [future.result().event.seq for future in waiting] == list(range(1, 51))
    assert [path.name for path in database.parent.iterdir()] == [database.name]


async def test_closing_leaves_no_thread(database: Path) -> None:
    before = threading.active_count()
    async with Journal(database, ignore):
        pass
    assert threading.active_count() == before


async def test_a_closed_journal_says_so_and_nobody_waits_for_ever(database: Path) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
    with pytest.raises(JournalFailed, match="closed"):
        await asyncio.wait_for(journal.append(draft()), 60)
    with pytest.raises(JournalFailed, match="closed"):
        await asyncio.wait_for(journal.after("r1", 0, 50), 60)


async def test_the_pragmas_of_the_writer_are_in_force(journal: Journal) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys")
    assert [journal._writer.connection.pragma(name) for name in names] == ["wal", 2, 1]


async def test_a_newer_database_is_refused(database: Path) -> None:
    async with Journal(database, ignore) as journal:
        journal._writer.connection.pragma("user_version", VERSION + 1)
    with pytest.raises(JournalNewer):
        await Journal(database, ignore).__aenter__()


async def test_what_is_no_database_is_refused_and_let_be(diary: Path) -> None:
    with pytest.raises(JournalDamaged):
        await Journal(diary, ignore).__aenter__()
    assert is_diary(diary)


@pytest.fixture
def diary(database: Path) -> Path:
    """Something else under the name of the database."""
    database.write_bytes(DIARY)
    return database


DIARY = b"my diary\n" * 1_000


def is_diary(path: Path) -> bool:
    return path.read_bytes() == DIARY


async def spoil(database: Path) -> None:
    """Keep a hundred messages, and damage the page in the middle of them."""
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        await journal.put_setting("node", HERE.id)
        await asyncio.gather(*(journal.append(draft(f"say {number}. " + "x" * 300)) for number in range(1, 101)))
    damage_page(database, b"say 50.")


async def test_a_damaged_database_is_recovered_at_start_and_the_user_can_be_told(database: Path) -> None:
    await spoil(database)
    async with Journal(database, ignore) as journal:
        assert journal.recovered is not None
        assert journal.recovered.renewed == ("Kitchen",)
        assert journal.recovered.aside.exists()
        [room] = await journal.rooms()
        assert (room.name, room.id != "r1") == ("Kitchen", True)
        kept = await journal.after(room.id, 0, 200)
        assert seqs(kept) == list(range(1, journal.recovered.kept + 1))
        assert 100 - len(kept) == journal.recovered.lost > 0
        assert (await journal.append(draft(room=room.id))).event.seq == len(kept) + 1
    async with Journal(database, ignore) as journal:
        assert journal.recovered is None


async def test_damage_that_is_found_later_is_told_and_everything_else_goes_on(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("CHECKED", "READ"):
        monkeypatch.setattr(f"lanchat.journal.repair.opening.{limit}", 0)
    monkeypatch.setattr("lanchat.journal.repair.opening._is_dense", lambda connection: True)
    await spoil(database)
    async with Journal(database, ignore) as journal:
        assert journal.recovered is None
        with pytest.raises(JournalDamaged):
            await journal.after("r1", 0, 100)
        assert seqs(await journal.after("r1", 0, 10)) == list(range(1, 11))
        assert (await journal.append(draft())).event.seq == 101
    async with Journal(database, ignore) as journal:
        assert journal.recovered is not None
        assert journal.recovered.lost > 0
        [room] = await journal.rooms()
        assert (await journal.before(room.id, 999, 1))[0].body.text == "hello"
    async with Journal(database, ignore) as journal:
        assert journal.recovered is None


def damage_page(database: Path, holding: bytes) -> None:
    """Write nonsense over the page of a table in which something is said."""
    content, size = bytearray(database.read_bytes()), 4_096
    start = content.index(holding) // size * size
    content[start : start + size] = b"\xa5" * size
    database.write_bytes(content)


async def test_a_row_that_makes_no_sense_is_damage(home: Journal) -> None:
    await home.append(draft())
    await home._writer.write(lambda t: t.connection.execute("UPDATE entry SET body = 'no json'"))
    with pytest.raises(JournalDamaged):
        await home.after("r1", 0, 9)


# Looking and keeping less ---------------------------------------------------------------------------------------------


async def test_what_was_said_is_found_and_read_around(home: Journal) -> None:
    for number in range(20):
        await home.append(draft(f"number {number}", nonce=f"n{number}"))
    kept = (await home.append(edit("n4", "five"))).event
    [hit] = (await home.search("r1", "fiv", None, 9)).hits
    assert hit.event.seq == 5
    run = await home.around("r1", hit.event.nonce, 5)
    assert seqs(run) == [3, 4, 5, 6, 7]
    assert await home.later("r1", run, 10_000) == ([kept], True)
    assert await home.mark("r1", 21) == Mark(kept.nonce, kept.at)
    with pytest.raises(NoSuchMessage):
        await home.around("r1", "nowhere", 5)


async def test_edits_of_others_are_refused(home: Journal) -> None:
    await home.append(draft(nonce="n"))
    with pytest.raises(NotYours):
        await home.append(edit("n", "x", BOB))
    with pytest.raises(NoSuchMessage):
        await home.append(edit("m", "x"))


async def test_what_need_not_be_kept_goes_between_posts(database: Path, commits: Commits) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        await asyncio.gather(*(journal.append(draft()) for _ in range(1_000)))
        assert journal.oldest("r1") == 1
        removing = asyncio.create_task(journal.retain("r1", Retention(count=100)))
        said = [(await journal.append(draft())).event.seq for _ in range(5)]
        assert await removing >= 900
        assert said == [1_001, 1_002, 1_003, 1_004, 1_005]
        first = journal.oldest("r1")
        assert first in range(901, 907)
        assert seqs(await journal.after("r1", 0, 5)) == list(range(first, first + 5))
    async with Journal(database, ignore) as journal:
        assert journal.oldest("r1") == first


async def test_a_mirror_can_begin_where_its_home_begins(journal: Journal) -> None:
    await journal.put_room(record(home=THERE))
    await journal.mirror("r1", [event(7)], 7)
    assert (journal.oldest("r1"), journal.top("r1")) == (7, 7)


async def test_what_was_left_of_a_forgotten_room_goes_at_the_next_start(database: Path) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        await journal.append(draft())
        await journal._writer.write(lambda t: t.connection.execute("DELETE FROM room"))
    async with Journal(database, ignore) as journal:
        connection = journal._writer.connection
        await eventually(lambda: connection.execute("SELECT count(*) FROM entry").get == 0, what="it is swept")


async def test_a_copy_of_the_database(home: Journal, tmp_path: Path) -> None:
    kept = (await home.append(draft())).event
    copy = tmp_path / "copy.db"
    await home.backup(copy)
    async with Journal(copy, ignore) as journal:
        assert await journal.after("r1", 0, 9) == [kept]
    with pytest.raises(JournalFailed, match="already"):
        await home.backup(copy)


async def test_a_locked_database_is_waited_for(home: Journal, database: Path) -> None:
    other = apsw.Connection(str(database))
    try:
        other.execute("BEGIN IMMEDIATE")
        waiting = home.append(draft())
        assert await home.after("r1", 0, 50) == []
        assert not waiting.done()
        other.execute("COMMIT")
        assert (await waiting).event.seq == 1
    finally:
        other.close()


# Faults ---------------------------------------------------------------------------------------------------------------


def child(module: str, path: Path, *wrapped: str) -> list[str]:
    return [*wrapped, sys.executable, "-m", f"tests.support.journal.{module}", str(path)]


def report(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def report_read_only(command: list[str], database: Path) -> dict[str, Any]:
    database.chmod(0o444)
    return report(command)


@pytest.fixture
def private_mounts() -> list[str]:
    """The beginning of a command that has file systems of its own."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


@pytest.fixture
def obeying() -> list[str]:
    """The beginning of a command that the permissions of files hold for, even when root runs it."""
    return ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []


async def test_everything_acknowledged_survives_a_kill(database: Path) -> None:
    process = await asyncio.create_subprocess_exec(*child("appender", database), stdout=subprocess.PIPE)
    assert process.stdout is not None
    acknowledged = [await process.stdout.readline() for _ in range(100)]
    process.send_signal(signal.SIGKILL)
    acknowledged += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    told = [line.split() for line in acknowledged if line.endswith(b"\n")]
    async with Journal(database, ignore) as journal:
        kept = await journal.after("r1", 0, 100_000)
        assert seqs(kept) == list(range(1, len(kept) + 1))
        assert {(int(seq), nonce.decode()) for seq, nonce in told} <= {(item.seq, item.nonce) for item in kept}
        assert (await journal.append(draft())).event.seq == len(kept) + 1


def test_a_full_disk_is_told_to_the_author_and_reading_goes_on(tmp_path: Path, private_mounts: list[str]) -> None:
    told = report(child("small_disk", tmp_path, *private_mounts))
    kept = told["kept"]
    assert told["full"] == ["DiskFull"] * 6
    assert len(kept) > 20
    assert kept == told["read"] == list(range(1, len(kept) + 1))
    # There was room for what was said behind, but not before what was said first.
    assert told["swapped"] == ["DiskFull"] * 2
    assert told["order"] == [len(kept) + number for number in (1, 2)]
    assert told["later"] == [len(kept) + number for number in (3, 4, 5)]
    assert told["published"] == told["again"] == kept + told["order"] + told["later"]
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_cannot_be_written_is_told_to_the_author_and_can_be_read(
    database: Path, obeying: list[str]
) -> None:
    async with Journal(database, ignore) as journal:
        await journal.put_room(record())
        await journal.append(draft())
    told = await asyncio.to_thread(report_read_only, child("read_only", database, *obeying), database)
    assert told == {"refused": "journal_read_only", "read": [1]}


def test_the_errors_of_the_journal_are_ours(database: Path) -> None:
    async def open_directory() -> None:
        async with Journal(database.parent, ignore):
            pass

    with pytest.raises(LanchatError):
        asyncio.run(open_directory())


class InSqlite:
    """A journal as the contract of journals sees it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def say(self, *drafts: Draft) -> list[str]:
        said = await asyncio.gather(*map(self._journal.append, drafts), return_exceptions=True)
        return [_result(each) for each in said]

    async def events(self, after: int = 0, limit: int = 100) -> list[Event]:
        return await self._journal.after(ROOM, after, limit)

    async def keep(self, most: int) -> int:
        await self._journal.retain(ROOM, Retention(count=most))
        return self._journal.oldest(ROOM)


def _result(said: Kept | BaseException) -> str:
    if isinstance(said, Kept):
        return "kept" if said.fresh else "known"
    assert isinstance(said, LanchatError)
    return said.code


class TestContract(JournalContract):
    @pytest.fixture
    async def journal(self, journal: Journal) -> InSqlite:
        await journal.put_room(RoomRecord(id=ROOM, name="room", home=HERE))
        return InSqlite(journal)
