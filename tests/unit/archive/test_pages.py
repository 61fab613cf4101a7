import errno
from pathlib import Path

import pytest

from lanchat.archive import pages as module
from lanchat.archive.pages import Stopped, pages, whole
from lanchat.errors import DiskFull, JobError, NoSuchRoom
from lanchat.journal import Journal, Reader
from tests.support.archive.shelf import never
from tests.support.rooms.said import record


def test_a_room_comes_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    told: list[tuple[int, int]] = []
    runs = list(pages(reader, "r1", lambda done, total: told.append((done, total)), never))
    assert [[event.seq for event in run] for run in runs] == [[1, 2, 3, 4], [5, 6]]
    assert told == [(0, 6), (4, 6), (6, 6)]


def test_it_can_be_stopped_between_pages(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    done: list[int] = []
    runs = pages(reader, "r1", lambda count, _: done.append(count), lambda: len(done) > 2)
    with pytest.raises(Stopped):
        list(runs)
    assert done == [0, 1, 2]


async def test_a_room_that_is_forgotten_meanwhile_ends(said: Journal, reader: Reader) -> None:
    runs = pages(reader, "r1", lambda *_: None, never)
    await said.delete_room("r1")
    assert list(runs) == []
    with pytest.raises(NoSuchRoom):
        reader.room("r1")


def test_what_is_kept_of_a_room(reader: Reader) -> None:
    assert reader.room("r1") == record()


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EACCES, "Permission denied"), JobError),
        (Stopped(), Stopped),
    ],
)
def test_a_file_that_does_not_become_whole_is_not_there(
    tmp_path: Path, error: Exception, ours: type[Exception]
) -> None:
    path = tmp_path / "room.jsonl"
    path.write_bytes(b"before")
    with pytest.raises(ours):
        _break_off(path, error)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_takes_its_name(tmp_path: Path) -> None:
    with whole(tmp_path / "room.jsonl") as file:
        file.write(b"whole")
        assert not (tmp_path / "room.jsonl").exists()
    assert (tmp_path / "room.jsonl").read_bytes() == b"whole"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="No such file"), whole(tmp_path / "nowhere" / "room.jsonl"):
        pass


def _break_off(path: Path, error: Exception) -> None:
    with whole(path) as file:
        file.write(b"half")
        raise error
