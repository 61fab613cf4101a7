"""`forget` and `unite`, with a real node. What becomes of united rooms: tests/unit/lan/directory/test_directory.py."""

from pathlib import Path

from tests.support.here import Here
from tests.support.terminal import lanchat_inside


def test_a_room_is_gone_and_so_is_what_was_said(here: Here, room: str) -> None:
    here.do("send", room, "quokka in the kitchen")
    done = lanchat_inside("forget", room, "--yes", "--data-dir", here.data_dir)
    assert done.code == 0
    assert room in done.out
    assert room not in here.do("rooms").out
    data = b"".join(path.read_bytes() for path in here.data_dir.glob("lanchat.db*"))
    assert b"quokka" not in data


def test_nothing_is_deleted_without_a_yes(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    assert lanchat_inside("forget", room, "--data-dir", here.data_dir).code == 1
    assert here.read(room) == ["hello"]


def test_a_room_that_is_not_here(here: Here) -> None:
    done = lanchat_inside("forget", "nowhere", "--yes", "--data-dir", here.data_dir)
    assert done.code == 3
    assert "nowhere" in done.err


def test_a_room_without_another_of_its_name_stays(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    lanchat_inside("unite", room, "--data-dir", here.data_dir).refused(3, "no two rooms")
    assert here.read(room) == ["hello"]


def test_without_a_node_nothing_happens(tmp_path: Path) -> None:
    lanchat_inside("unite", "general", "--data-dir", tmp_path).refused(4, "start it first")
