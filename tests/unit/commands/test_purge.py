"""`purge`, with a real node."""

from pathlib import Path

from lanchat.commands.purge import format_trace
from lanchat.protocol import Trace
from tests.support.here import Here
from tests.support.terminal import ALONE, lanchat_inside


def test_what_somebody_left_is_counted_shown_and_deleted(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "of the owner")
    flooder = ("--host", here.host, "--data-dir", tmp_path, "--nick", "Flood")
    assert lanchat_inside("send", room, "flood", *ALONE, *flooder).code == 0
    assert any(
        line.startswith("127.0.0.1\tsince ") for line in lanchat_inside("purge", "--data-dir", here.data_dir).lines
    )
    assert (
        lanchat_inside("purge", "--data-dir", here.data_dir, "--from", "127.0.0.1", "--dry-run").out
        == "1 messages and 0 rooms would be deleted.\n"
    )
    assert (
        lanchat_inside("purge", "--data-dir", here.data_dir, "--from", "127.0.0.1", "--since", "2100-01-01", "--json")
        .objects[0]
        .get("posts", 0)
        == 0
    )
    assert (
        lanchat_inside("purge", "--data-dir", here.data_dir, "--from", "127.0.0.1").out
        == "1 messages and 0 rooms are deleted.\n"
    )
    kinds = [event["kind"] for event in here.do("tail", room, "--no-follow", "--json").objects]
    assert kinds == ["message", "message", "deletion"]


def test_a_person_of_whom_there_is_nothing(here: Here) -> None:
    assert (
        lanchat_inside("purge", "--data-dir", here.data_dir, "--person", "nobody").out
        == "0 messages and 0 rooms are deleted.\n"
    )


def test_an_unknown_address_is_refused(here: Here) -> None:
    lanchat_inside("purge", "--data-dir", here.data_dir, "--from", "192.0.2.1").refused(1, "192.0.2.1")


def test_without_a_node_nothing_is_known(tmp_path: Path) -> None:
    lanchat_inside("purge", "--data-dir", tmp_path).refused(4, "No Lanchat of yours runs")


def test_an_address_is_one_line() -> None:
    line = format_trace(Trace(address="10.0.0.1", since=0, last=0, refused=7, cut_off=1, people=2, rooms=3))
    assert line.split("\t")[0] == "10.0.0.1"
    assert line.split("\t")[2:] == ["2 people", "3 rooms", "7 refused", "1 cut off", "0 turned away"]
