"""A room out into a file: page by page, whole or not at all, whatever comes in between."""

from pathlib import Path

import pytest

from lanchat.archive import exporting as module
from lanchat.archive.exporting import Exported, export_room, pages
from lanchat.archive.progress import Cancelled, Progress
from lanchat.archive.store import DownloadFolder, ExportTarget, NamedFile
from lanchat.errors import DiskFull, JobError, NoSuchRoom
from lanchat.journal import Journal, Reader
from tests.support.archive.shelf import Watched, cancelled, export
from tests.support.identity import SEAL


class Full(type(Path())):  # type: ignore[misc]
    """A name on the device that is always full."""

    def open(self, mode: str = "r", *_: object, **__: object) -> object:
        return Path("/dev/full").open(mode)


class FullFolder(DownloadFolder):
    """A folder on that device."""

    def draft(self) -> Path:
        full: Path = Full(super().draft())
        return full


@pytest.fixture(params=["named", "downloads"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> ExportTarget:
    (tmp_path / "out").mkdir()
    if request.param == "named":
        return NamedFile(tmp_path / "out" / "room.jsonl")
    return DownloadFolder(tmp_path / "out", tmp_path / "instead")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event a page, so that there are seven steps."""
    monkeypatch.setattr(module, "PAGE", 1)


def out(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "out").iterdir()]


def test_a_room_goes_to_where_it_is_wanted(reader: Reader, target: ExportTarget, tmp_path: Path) -> None:
    exported = export_room(reader, "r1", "jsonl", target, Progress(), seal=SEAL)
    [name] = out(tmp_path)
    assert exported == Exported(6, str(tmp_path / "out" / name))
    assert str(exported) == f"6 entries are in {tmp_path / 'out' / name}."
    assert name == "room.jsonl" or (name.startswith("Kitchen 20") and name.endswith(".jsonl"))


def test_one_entry_is_one() -> None:
    assert str(Exported(1, "room.jsonl")) == "1 entry is in room.jsonl."


def test_both_formats_can_be_written(reader: Reader, tmp_path: Path) -> None:
    export(reader, tmp_path / "a", "jsonl")
    export(reader, tmp_path / "b", "html")
    assert (tmp_path / "a").read_bytes().startswith(b'{"line"')
    assert (tmp_path / "b").read_bytes().startswith(b"<!DOCTYPE html>")


def test_a_room_comes_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    progress = Watched()
    assert [[event.seq for event in page] for page in pages(reader, "r1", SEAL, progress)] == [[1, 2, 3, 4], [5, 6]]
    assert progress.steps == [(0, 6), (4, 6), (6, 6)]


async def test_a_room_that_is_forgotten_meanwhile_ends(said: Journal, reader: Reader) -> None:
    left = pages(reader, "r1", SEAL, Progress())
    await said.delete_room("r1")
    assert list(left) == []
    with pytest.raises(NoSuchRoom):
        reader.room("r1")


@pytest.mark.parametrize("archive_format", ["jsonl", "html"])
@pytest.mark.parametrize("step", range(8))
@pytest.mark.usefixtures("small")
def test_cancelled_at_any_step_it_leaves_no_file(
    reader: Reader, target: ExportTarget, tmp_path: Path, step: int, archive_format: module.ArchiveFormat
) -> None:
    progress = Watched(step) if step else cancelled()
    with pytest.raises(Cancelled):
        export_room(reader, "r1", archive_format, target, progress, seal=SEAL)
    assert out(tmp_path) == []


def test_a_room_that_is_not_there(reader: Reader, target: ExportTarget, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRoom):
        export_room(reader, "nowhere", "jsonl", target, Progress(), seal=SEAL)
    assert out(tmp_path) == []


def test_what_was_there_stays_when_nothing_comes_of_it(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    path.write_bytes(b"before")
    with pytest.raises(Cancelled):
        export(reader, path, progress=cancelled())
    assert path.read_bytes() == b"before"
    assert {each.name for each in tmp_path.glob("room*")} == {"room.jsonl"}
    export(reader, path)
    assert path.read_bytes() != b"before"


@pytest.mark.parametrize("archive_format", ["jsonl", "html"])
def test_a_full_disk_is_told(reader: Reader, tmp_path: Path, archive_format: module.ArchiveFormat) -> None:
    with pytest.raises(DiskFull, match=r"no room for room\.jsonl"):
        export(reader, Full("room.jsonl"), archive_format)
    folder = FullFolder(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(DiskFull, match="no room for a file in "):
        export_room(reader, "r1", archive_format, folder, Progress(), seal=SEAL)
    assert out(tmp_path) == []


def test_a_folder_that_is_not_there_is_told(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="No such file"):
        export(reader, tmp_path / "nowhere" / "room.jsonl")
    (tmp_path / "file").write_text("a file is in the way")
    with pytest.raises(JobError, match="File exists"):
        export_room(reader, "r1", "jsonl", DownloadFolder(tmp_path / "file", tmp_path / "file"), Progress(), seal=SEAL)
