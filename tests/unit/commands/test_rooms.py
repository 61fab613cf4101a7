"""`forget`, `unite` and `rooms move`, with a real node. What becomes of rooms: tests/unit/lan/directory."""

import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.support.conditions import wait_until
from tests.support.here import Here
from tests.support.redis.servers import RedisServer
from tests.support.terminal import ANY_PORTS, begun, lanchat_inside, served

NOT_FOUND = 3
ROOMS = "lanchat:{[0-9a-f]*"


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


def test_each_refusal_of_a_move_says_what_to_do(tmp_path: Path, own_server: RedisServer, room: str) -> None:
    data_dir, url = tmp_path / "node", own_server.url
    with served(data_dir, *ANY_PORTS, "--nick", "Ada", "--redis", url) as started:
        node = Here(data_dir, *started)
        move = partial(lanchat_inside, "rooms", "move", "--data-dir", data_dir, "--to")
        move(url, "nowhere").refused(3, "no room called 'nowhere'", "lanchat rooms lists")
        node.do("send", room, "hello")
        move(url, room).refused(1, "in this Redis already")
        move("redis://127.0.0.1:1", room).refused(1, f"shares the Redis at {url}/0", "a node shares one only")
        assert move("here", room).code == 0
        set_door = partial(lanchat_inside, "room", room, "--data-dir", data_dir, "--door")
        assert set_door("passphrase", said="quokka quokka quokka\n").code == 0
        move(url, room).refused(1, "cannot have a passphrase", "lanchat room NAME --door invite")
        assert set_door("invite").code == 0
        assert move(url, room).code == 0
        with served(tmp_path / "other", *ANY_PORTS, "--nick", "Bob", "--redis", url):
            theirs = partial(lanchat_inside, "rooms", "move", room, "--data-dir", tmp_path / "other", "--to", "here")
            wait_until(lambda: theirs().code != NOT_FOUND, what="the other node has the room")
            theirs().refused(1, "Only the owner of this room, or a moderator")
        assert node.read(room)[0] == "hello"


@pytest.mark.parametrize("as_json", [False, True])
def test_whoever_interrupts_a_move_is_told_where_the_room_is(
    tmp_path: Path, own_server: RedisServer, room: str, as_json: bool
) -> None:
    data_dir = tmp_path / "node"
    with served(data_dir, *ANY_PORTS, "--nick", "Ada") as started:
        Here(data_dir, *started).do("send", room, "hello")
    with closing(sqlite3.connect(data_dir / "lanchat.db")) as database, database:
        database.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
            INSERT INTO entry SELECT (SELECT max(key) FROM entry) + i, 1, 'n' || i, 'g-a', 'Ada', 0, 'message',
                '{"text": "x"}', NULL, '', '', 0 FROM n"""
        )
    with served(data_dir, *ANY_PORTS, "--nick", "Ada", "--redis", own_server.url) as started:
        node = Here(data_dir, *started)
        options = ["--data-dir", str(data_dir), *(["--json"] if as_json else [])]
        with begun("rooms", "move", room, "--to", own_server.url, *options) as moving:
            wait_until(lambda: own_server.ask("KEYS", f"{ROOMS}:stream"), what="it is on its way")
            moving.end(signal.SIGINT)
            done = moving.rest()
        assert (done.code, done.out) == (130, "")
        assert f"{room} stays where it was." in done.err.splitlines()[-1]
        assert own_server.ask("KEYS", ROOMS) == []
        node.do("send", room, "afterwards")
        assert node.read(room)[-1] == "afterwards"


def test_without_a_node_nothing_happens(tmp_path: Path) -> None:
    lanchat_inside("unite", "general", "--data-dir", tmp_path).refused(4, "start it first")
