"""The runtime file: who may read it, and what is made of a broken one."""

from pathlib import Path

import pytest

from lanchat import runtime
from lanchat.errors import AlreadyRunning, DataDirUnusable
from lanchat.runtime import Running

HERE = Running(pid=7, window="http://127.0.0.1:28281/", lan="http://192.0.2.5:28280/", key="secret")


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    runtime.write(tmp_path, HERE)
    assert runtime.read(tmp_path) == HERE
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
