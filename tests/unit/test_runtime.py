"""The runtime file: who may read it, and what is made of a broken one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanchat import runtime
from lanchat.errors import AlreadyRunning, DataDirUnusable, Unreachable
from lanchat.runtime import Running

HERE = Running(pid=7, window="http://127.0.0.1:28281/", lan="http://192.0.2.5:28280/", key="secret")


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    runtime.write(tmp_path, HERE)
    assert runtime.read(tmp_path) == HERE
    assert runtime.running(tmp_path) == HERE
    assert [path.name for path in tmp_path.iterdir()] == [runtime.FILE]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / runtime.FILE
    file.write_text("left by a killed node")
    file.chmod(0o666)
    runtime.write(tmp_path, HERE)
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / runtime.FILE).symlink_to(other)
    runtime.write(tmp_path, HERE)
    assert other.read_text() == "mine"
    assert runtime.read(tmp_path) == HERE


def test_it_is_removed_once_and_again(tmp_path: Path) -> None:
    runtime.write(tmp_path, HERE)
    runtime.remove(tmp_path)
    runtime.remove(tmp_path)
    assert runtime.read(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b'{"pid": 7}', b"\xff\xfe", b'"\xff"'])
def test_a_broken_one_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / runtime.FILE).write_bytes(content)
    assert runtime.read(tmp_path) is None


def test_no_directory_has_none(tmp_path: Path) -> None:
    assert runtime.read(tmp_path / "nowhere") is None
    with pytest.raises(Unreachable, match="No Lanchat of yours runs on this machine; start it first"):
        runtime.running(tmp_path / "nowhere")
    runtime.remove(tmp_path)


def test_where_it_cannot_be_written_an_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=runtime.FILE.replace(".", r"\.")):
        runtime.write(tmp_path / "nowhere", HERE)


def test_one_at_a_time_uses_a_directory(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "data"
    for _ in range(2):
        with runtime.occupy(data_dir):
            assert data_dir.stat().st_mode & 0o777 == 0o700
            with pytest.raises(AlreadyRunning, match="data"), runtime.occupy(data_dir):
                pass


def test_a_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataDirUnusable, match="file"), runtime.occupy(tmp_path / "file"):
        pass


def test_an_error_in_the_block_frees_the_directory(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), runtime.occupy(tmp_path):
        raise ZeroDivisionError
    with runtime.occupy(tmp_path):
        pass


NAMES = ("lanchat.db", "lanchat.db-wal", "lanchat.db.damaged-20260101-000000", "lanchat.log", "lanchat.log.1")
FOLDERS = ("set-aside", "exports", "incoming")


@pytest.fixture
def open_to_all(tmp_path: Path) -> Iterator[Path]:
    """A data directory as somebody's older Lanchat, or another program, left it; other users can reach it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "data"
        for name in FOLDERS:
            (data_dir / name).mkdir(parents=True)
            (data_dir / name).chmod(0o755)
        for file in (*NAMES, *(f"{name}/kitchen.jsonl" for name in FOLDERS), "mine.sh"):
            (data_dir / file).write_text("what was said")
            (data_dir / file).chmod(0o755)
        data_dir.chmod(0o755)
        yield data_dir


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_rights_that_are_too_wide_are_corrected_at_start(open_to_all: Path) -> None:
    with runtime.occupy(open_to_all):
        runtime.write(open_to_all, HERE)
        found = modes(open_to_all)
    assert found.pop("mine.sh") == 0o755, "not ours"
    assert {name for name, mode in found.items() if mode == 0o700} == {".", *FOLDERS}
    assert {mode for name, mode in found.items() if name not in {".", *FOLDERS}} == {0o600}


def test_a_link_and_a_directory_of_all_users_are_let_be(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "other").write_text("mine")
    (tmp_path / "other").chmod(0o644)
    (tmp_path / "lanchat.db").symlink_to(tmp_path / "other")
    runtime.protect(tmp_path)
    assert modes(tmp_path) == {".": 0o777, "other": 0o644, "lanchat.db": 0o644}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_reads_nothing(open_to_all: Path) -> None:
    def read(file: str) -> int:
        command = ["cat", str(open_to_all / file)]
        return subprocess.run(command, check=False, user=65534, group=65534, capture_output=True).returncode

    files = [*NAMES, *(f"{name}/kitchen.jsonl" for name in FOLDERS)]
    assert {read(file) for file in files} == {0}, "the attack works where nothing protects them"
    with runtime.occupy(open_to_all):
        runtime.write(open_to_all, HERE)
        assert 0 not in {read(file) for file in [*files, runtime.FILE]}
        open_to_all.chmod(0o755)
        assert 0 not in {read(file) for file in [*files, runtime.FILE]}, "each file is protected by itself"
