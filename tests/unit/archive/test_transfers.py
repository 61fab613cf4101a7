"""Exports and imports as jobs: real rooms and files, and a report that a test may hold up."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.archive import transfers as module
from lanchat.archive.carrying import LivingBranches
from lanchat.archive.exporting import ArchiveFormat
from lanchat.archive.importing import LivingRooms
from lanchat.archive.jobs import AT_ONCE, WAITING, Job, Jobs
from lanchat.archive.store import DownloadFolder
from lanchat.archive.transfers import MAX_ARCHIVE, RoomTransfers
from lanchat.errors import InvalidArchive, JobError, NoSuchJob, NoSuchRoom, TooManyJobs
from lanchat.journal import Draft, Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import Author, Body, NodeInfo
from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.room import Room
from tests.support.conditions import eventually
from tests.support.identity import SEAL

HERE = NodeInfo(id="a" * 32, name="here")


class Desk:
    """The transfers of a node, and what those who asked were told; `go` lets jobs go on that have begun."""

    def __init__(self, transfers: RoomTransfers, room: Room, folder: Path, incoming: Path) -> None:
        self.transfers = transfers
        self.room = room
        self.folder = folder
        self.incoming = incoming
        self.reports: list[tuple[str, int, int]] = []
        self.go = threading.Event()
        self.go.set()

    def report(self, job: Job) -> None:
        self.reports.append((job.state, job.done, job.total))
        if job.state == "running":
            assert self.go.wait(5)

    def export(self, archive_format: ArchiveFormat = "jsonl") -> Job:
        return self.transfers.export(self.room.id, archive_format, "me", self.report)

    def expect(self, size: int) -> Job:
        return self.transfers.expect(size, "me", self.report)

    async def exported(self) -> bytes:
        """Return the room as a file that was never there."""
        job = self.export()
        await eventually(lambda: job.ended)
        (path,) = self.folder.iterdir()
        content = path.read_bytes()
        path.unlink()
        return content

    @property
    def files(self) -> list[str]:
        return sorted(path.name for folder in (self.folder, self.incoming) for path in folder.glob("*"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async def nobody(room: str, events: object) -> None: ...

    layer = InMemoryChannelLayer()
    async with layer, Journal(tmp_path / "lanchat.db", on_commit=nobody) as journal:
        rooms = RoomRegistry(HERE, journal, layer, lambda: None, Notifications(layer))
        jobs, folder, incoming = Jobs(), tmp_path / "downloads", tmp_path / "incoming"
        folder.mkdir()
        downloads = DownloadFolder(folder, tmp_path / "instead")
        imports, branches = LivingRooms(HERE, rooms, journal), LivingBranches(HERE, rooms, journal)
        transfers = RoomTransfers(jobs, rooms, journal, downloads, imports, branches, SEAL, incoming)
        room = await rooms.open("Tea / Coffee")
        for text in ("one", "two"):
            await room.post(Draft(room.id, text, Author(id="ada-ada-ada", nick="Ada"), Body(text=text)))
        desk = Desk(transfers, room, folder, incoming)
        yield desk
        desk.go.set()
        await jobs.close()


async def chunks(*pieces: bytes | Exception) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


@pytest.mark.parametrize("archive_format", ["jsonl", "html"])
async def test_an_export_is_a_file_named_by_room_and_day(desk: Desk, archive_format: ArchiveFormat) -> None:
    job = desk.export(archive_format)
    await eventually(lambda: job.ended)
    (name,) = desk.files
    assert name.startswith("Tea _ Coffee 20")
    assert name.endswith(f".{archive_format}")
    assert job.text == f"2 entries are in {desk.folder / name}."
    assert desk.reports[-1] == ("done", 2, 2)


async def test_a_second_export_of_a_day_does_not_touch_the_first(desk: Desk) -> None:
    first, second = desk.export(), desk.export()
    await eventually(lambda: first.ended and second.ended)
    assert len(desk.files) == 2
    assert sum(" (2)" in name for name in desk.files) == 1


async def test_an_export_that_is_cancelled_or_fails_leaves_no_file(desk: Desk, tmp_path: Path) -> None:
    desk.go.clear()
    job = desk.export()
    await eventually(lambda: job.state == "running")
    desk.transfers.jobs.cancel(job.id, "me")
    desk.go.set()
    await eventually(lambda: job.state == "cancelled")
    assert desk.files == []
    desk.folder.rmdir()
    (tmp_path / "instead").write_text("a file in place of the folder", "utf-8")
    job = desk.export()
    await eventually(lambda: job.ended)
    assert (job.state, job.text) == ("failed", f"Writing a file in {tmp_path / 'instead'} failed: File exists.")


async def test_what_is_not_here_cannot_be_exported(desk: Desk) -> None:
    with pytest.raises(NoSuchRoom):
        desk.transfers.export("nowhere", "jsonl", "me", desk.report)


async def test_an_import_takes_its_file_and_reads_it(desk: Desk) -> None:
    content = await desk.exported()
    job = desk.expect(len(content))
    assert (job.state, job.total) == ("waiting", len(content))
    await desk.transfers.receive(job.id, chunks(content[:9], content[9:]))
    await eventually(lambda: job.ended)
    assert (job.state, job.text) == ("done", "0 entries are now in Tea / Coffee, 2 were there already.")
    assert ("waiting", 9, len(content)) in desk.reports
    await eventually(lambda: desk.files == [])


async def test_a_file_that_is_no_room_fails_with_the_reason_and_is_gone(desk: Desk) -> None:
    job = desk.expect(1)
    await desk.transfers.receive(job.id, chunks(b"x"))
    await eventually(lambda: job.ended)
    assert (job.state, job.text[:18]) == ("failed", "Line 1 was cut; th")
    await eventually(lambda: desk.files == [])


async def test_an_import_that_is_cancelled_before_its_turn_leaves_no_file(desk: Desk) -> None:
    desk.go.clear()
    before = [desk.export() for _ in range(AT_ONCE)]
    await eventually(lambda: all(job.state == "running" for job in before))
    job = desk.expect(1)
    await desk.transfers.receive(job.id, chunks(b"x"))
    assert desk.files == [f"{job.id}.part"]
    for each in (*before, job):
        desk.transfers.jobs.cancel(each.id, "me")
    assert job.state == "cancelled"
    desk.go.set()
    await eventually(lambda: desk.files == [])


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((b"abc",), "6 bytes were announced, and 3 came."),
        ((b"abc", b"defg"), "6 bytes were announced, and more came."),
        ((b"abc", ConnectionResetError("gone")), "The upload was cut before it was whole."),
        ((b"abc", OSError(28, "No space left on device")), "The file cannot be kept: No space left on device."),
        ((b"abc", RuntimeError("surprise")), "The upload was cut before it was whole."),
    ],
)
async def test_an_upload_that_is_not_whole_fails(desk: Desk, pieces: tuple[bytes | Exception, ...], said: str) -> None:
    job = desk.expect(6)
    with pytest.raises(JobError) as caught:
        await desk.transfers.receive(job.id, chunks(*pieces))
    assert str(caught.value) == job.text == said
    assert desk.reports[-1][0] == job.state == "failed"
    assert desk.files == []


async def test_an_upload_that_stalls_is_cut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALL", 0.02)
    job = desk.expect(6)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"abc"
        await eventually(lambda: False, 60)

    with pytest.raises(JobError, match="cut"):
        await desk.transfers.receive(job.id, stalling())
    assert desk.files == []


async def test_an_upload_ends_when_the_import_is_cancelled(desk: Desk) -> None:
    job = desk.expect(6)

    async def cancelling() -> AsyncIterator[bytes]:
        yield b"abc"
        desk.transfers.jobs.cancel(job.id, "me")
        yield b"def"

    with pytest.raises(JobError, match="cancelled"):
        await desk.transfers.receive(job.id, cancelling())
    assert (job.state, desk.files) == ("cancelled", [])


async def test_a_disk_that_takes_nothing_is_told(desk: Desk) -> None:
    desk.incoming.write_text("a file in place of the folder", "utf-8")
    job = desk.expect(6)
    with pytest.raises(JobError, match="The file cannot be kept: File exists"):
        await desk.transfers.receive(job.id, chunks(b"abcdef"))
    desk.incoming.unlink()


async def test_only_what_was_expected_is_taken_and_only_once(desk: Desk) -> None:
    with pytest.raises(NoSuchJob):
        await desk.transfers.receive("nonsense", chunks(b"x"))
    job = desk.expect(1)
    desk.transfers.jobs.cancel(job.id, "me")
    with pytest.raises(NoSuchJob):
        await desk.transfers.receive(job.id, chunks(b"x"))
    job = desk.expect(1)
    await desk.transfers.receive(job.id, chunks(b"x"))
    with pytest.raises(NoSuchJob):
        await desk.transfers.receive(job.id, chunks(b"x"))
    await eventually(lambda: job.ended)
    job = desk.export()
    with pytest.raises(NoSuchJob):
        await desk.transfers.receive(job.id, chunks(b"x"))
    await eventually(lambda: job.ended)


@pytest.mark.parametrize("size", [0, -1, MAX_ARCHIVE + 1])
async def test_a_size_that_no_file_can_have_is_refused(desk: Desk, size: int) -> None:
    with pytest.raises(InvalidArchive):
        desk.expect(size)


async def test_imports_that_wait_for_ever_take_places_and_no_more(desk: Desk) -> None:
    for _ in range(AT_ONCE + WAITING):
        desk.expect(1)
    with pytest.raises(TooManyJobs):
        desk.expect(1)


async def test_what_a_killed_node_has_left_is_gone_at_the_next_start(desk: Desk) -> None:
    desk.incoming.mkdir()
    (desk.incoming / "old.part").write_text("half", "utf-8")
    known = desk.transfers
    RoomTransfers(
        known.jobs, known._rooms, known._journal, known._exports, known._imports, known._branches, SEAL, desk.incoming
    )
    assert desk.files == []
