"""`unite`, with a real node. What becomes of the rooms: tests/unit/lan/directory/test_directory.py."""

from pathlib import Path

from tests.support.here import Here
from tests.support.terminal import lanchat_inside


def test_a_room_without_another_of_its_name_stays(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    lanchat_inside("unite", room, "--data-dir", here.data_dir).refused(3, "no two rooms")
    assert here.read(room) == ["hello"]


def test_without_a_node_nothing_happens(tmp_path: Path) -> None:
    lanchat_inside("unite", "general", "--data-dir", tmp_path).refused(4, "start it first")
