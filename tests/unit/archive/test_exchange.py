"""Exports and imports as jobs, with archives that a test holds in its hands."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.archive import exchange as module
from lanchat.archive.exchange import MAX_ARCHIVE, Cancelled, Exchange, Form, Progress
from lanchat.archive.job import Job
from lanchat.archive.jobs import AT_ONCE, WAITING, Jobs
from lanchat.archive.store import Downloads
from lanchat.errors import InvalidArchive, JobError, NoSuchJob, NoSuchRoom, TooManyJobs
from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify.notifications import Notifications
from lanchat.protocol import NodeInfo
from lanchat.rooms.registry import RoomRegistry
from lanchat.rooms.room import Room
from tests.support.conditions import eventually

HERE = NodeInfo(id="a" * 32, name="here")


class Paper:
    """Archives that hold what the test says, and wait when the test wants that."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.error: Exception | None = None
        self.read_files: list[bytes] = []

    def write(self, room: str, form: Form, target: Path, progress: Progress, cancelled: Cancelled) -> int:
        target.write_text(f"{room} as {form}", "utf-8")
        progress(1, 2)
        assert self.go.wait(5)
        if self.error is not None:
            raise self.error
        return 2

    def read(self, source: Path, progress: Progress, cancelled: Cancelled) -> str:
        self.read_files.append(source.read_bytes())
        if self.error is not None:
            raise self.error
        return "Read."


class Desk:
    """One exchange, and what those who asked were told."""

    def __init__(self, exchange: Exchange, paper: Paper, room: Room, folder: Path, incoming: Path) -> None:
        self.exchange = exchange
        self.paper = paper
        self.room = room
        self.folder = folder
        self.incoming = incoming
        self.told: list[tuple[str, int, int]] = []

    def tell(self, job: Job) -> None:
        self.told.append((job.state, job.done, job.total))

    def export(self, form: Form = "jsonl") -> Job:
        return self.exchange.export(self.room.id, form, "me", self.tell)

    def expect(self, size: int) -> Job:
        return self.exchange.expect(size, "me", self.tell)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for folder in (self.folder, self.incoming) for path in folder.glob("*"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async def nobody(room: str, events: object) -> None: ...

    layer = InMemoryChannelLayer()
    async with layer, Journal(tmp_path / "lanchat.db", on_commit=nobody) as journal:
        rooms = RoomRegistry(HERE, journal, layer, lambda: None, Notifications(layer))
        jobs, paper, folder, incoming = Jobs(), Paper(), tmp_path / "downloads", tmp_path / "incoming"
        folder.mkdir()
        exchange = Exchange(jobs, rooms, paper, Downloads(folder, tmp_path / "instead"), incoming)
        yield Desk(exchange, paper, await rooms.open("Tea / Coffee"), folder, incoming)
        paper.go.set()
        await jobs.close()


async def chunks(*pieces: bytes | Exception) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


@pytest.mark.parametrize("form", ["jsonl", "html"])
async def test_an_export_is_a_file_named_by_room_and_day(desk: Desk, form: Form) -> None:
    job = desk.export(form)
    await eventually(lambda: job.ended)
    (name,) = desk.files
    assert name.startswith("Tea _ Coffee 20")
    assert name.endswith(f".{form}")
    assert (desk.folder / name).read_text("utf-8") == f"{desk.room.id} as {form}"
    assert job.text == f"2 entries are in {desk.folder / name}."
    assert desk.told[-1] == ("done", 1, 2)


async def test_a_second_export_of_a_day_does_not_touch_the_first(desk: Desk) -> None:
    first, second = desk.export(), desk.export()
    await eventually(lambda: first.ended and second.ended)
    assert len(desk.files) == 2
    assert sum(" (2)" in name for name in desk.files) == 1


async def test_an_export_that_is_cancelled_or_fails_leaves_no_file(desk: Desk) -> None:
    desk.paper.go.clear()
    job = desk.export()
    await eventually(lambda: desk.files)
    desk.exchange.jobs.cancel(job.id, "me")
    desk.paper.go.set()
    await eventually(lambda: job.state == "cancelled")
    assert desk.files == []
    desk.paper.error = OSError(28, "No space left on device")
    job = desk.export()
    await eventually(lambda: job.ended)
    assert (job.state, job.text) == ("failed", "The file cannot be written: No space left on device.")
    assert desk.files == []


async def test_what_is_not_here_cannot_be_exported(desk: Desk) -> None:
    with pytest.raises(NoSuchRoom):
        desk.exchange.export("nowhere", "jsonl", "me", desk.tell)


async def test_an_import_takes_its_file_and_reads_it(desk: Desk) -> None:
    job = desk.expect(6)
    assert (job.state, job.total) == ("waiting", 6)
    await desk.exchange.receive(job.id, chunks(b"abc", b"def"))
    await eventually(lambda: job.ended)
    assert (job.state, job.text) == ("done", "Read.")
    assert desk.paper.read_files == [b"abcdef"]
    assert ("waiting", 3, 6) in desk.told
    assert desk.files == []


async def test_a_file_that_is_no_room_fails_with_the_reason_and_is_gone(desk: Desk) -> None:
    desk.paper.error = InvalidArchive("Line 1 is not JSON.")
    job = desk.expect(1)
    await desk.exchange.receive(job.id, chunks(b"x"))
    await eventually(lambda: job.ended)
    assert (job.state, job.text) == ("failed", "Line 1 is not JSON.")
    assert desk.files == []


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
        await desk.exchange.receive(job.id, chunks(*pieces))
    assert str(caught.value) == job.text == said
    assert desk.told[-1][0] == job.state == "failed"
    assert (desk.files, desk.paper.read_files) == ([], [])


async def test_an_upload_that_stalls_is_cut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALL", 0.02)
    job = desk.expect(6)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"abc"
        await eventually(lambda: False, 60)

    with pytest.raises(JobError, match="cut"):
        await desk.exchange.receive(job.id, stalling())
    assert desk.files == []


async def test_an_upload_ends_when_the_import_is_cancelled(desk: Desk) -> None:
    job = desk.expect(6)

    async def cancelling() -> AsyncIterator[bytes]:
        yield b"abc"
        desk.exchange.jobs.cancel(job.id, "me")
        yield b"def"

    with pytest.raises(JobError, match="cancelled"):
        await desk.exchange.receive(job.id, cancelling())
    assert (job.state, desk.files) == ("cancelled", [])


async def test_a_disk_that_takes_nothing_is_told(desk: Desk) -> None:
    desk.incoming.write_text("a file in place of the folder", "utf-8")
    job = desk.expect(6)
    with pytest.raises(JobError, match="The file cannot be kept: File exists"):
        await desk.exchange.receive(job.id, chunks(b"abcdef"))
    desk.incoming.unlink()


async def test_only_what_was_expected_is_taken_and_only_once(desk: Desk) -> None:
    with pytest.raises(NoSuchJob):
        await desk.exchange.receive("nonsense", chunks(b"x"))
    job = desk.expect(1)
    desk.exchange.jobs.cancel(job.id, "me")
    with pytest.raises(NoSuchJob):
        await desk.exchange.receive(job.id, chunks(b"x"))
    job = desk.expect(1)
    await desk.exchange.receive(job.id, chunks(b"x"))
    with pytest.raises(NoSuchJob):
        await desk.exchange.receive(job.id, chunks(b"x"))
    await eventually(lambda: job.ended)
    job = desk.export()
    with pytest.raises(NoSuchJob):
        await desk.exchange.receive(job.id, chunks(b"x"))
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


async def test_what_a_killed_node_has_left_is_gone_at_the_next_start(desk: Desk, tmp_path: Path) -> None:
    desk.incoming.mkdir()
    (desk.incoming / "old.part").write_text("half", "utf-8")
    Exchange(desk.exchange.jobs, desk.exchange._rooms, desk.paper, Downloads(tmp_path, tmp_path), desk.incoming)
    assert desk.files == []
