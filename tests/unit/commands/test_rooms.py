"""`forget`, `unite` and `rooms move`, with a real node. What becomes of rooms: tests/unit/lan/directory."""

from functools import partial
from pathlib import Path

from tests.support.here import Here
from tests.support.redis.servers import RedisServer
from tests.support.terminal import ANY_PORTS, lanchat_inside, served


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


def test_a_room_that_is_here_and_a_redis_that_is_not_shared(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    move = partial(lanchat_inside, "rooms", "move", room, "--data-dir", here.data_dir, "--to")
    move("here").refused(1, "has its home here already")
    refused = move("redis://ada:secret@127.0.0.1:7000/2")
    refused.refused(1, "shares no Redis", "--redis redis://127.0.0.1:7000/2")
    assert "secret" not in refused.err
    move("http://127.0.0.1/").refused(2, "redis://HOST:PORT")
    assert room in here.do("rooms").out


def test_a_room_moves_and_comes_back_by_command(tmp_path: Path, own_server: RedisServer, room: str) -> None:
    data_dir = tmp_path / "node"
    with served(data_dir, *ANY_PORTS, "--nick", "Ada", "--redis", own_server.url) as started:
        node = Here(data_dir, *started)
        node.do("send", room, "hello")
        moved = lanchat_inside("rooms", "move", room, "--to", "here", "--json", "--data-dir", data_dir)
        assert moved.code == 0, moved
        assert "has its home here from now on" in moved.objects[-1]["text"]
        node.do("send", room, "at home")
        back = lanchat_inside("rooms", "move", room, "--to", own_server.url, "--data-dir", data_dir)
        assert (back.code, "from now on" in back.out) == (0, True), back
        assert "writes no append-only file" in back.out
        assert node.read(room) == ["hello", "at home"]


def test_without_a_node_nothing_happens(tmp_path: Path) -> None:
    lanchat_inside("unite", "general", "--data-dir", tmp_path).refused(4, "start it first")
