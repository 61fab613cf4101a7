"""`rooms`, `send` and `announce`, with real nodes."""

import asyncio
import signal
import socket
from pathlib import Path

import msgspec
import pytest

from lanchat.config import Config
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import MAX_TEXT
from tests.support.clients import ELSEWHERE
from tests.support.conditions import wait_until
from tests.support.here import Here
from tests.support.terminal import ALONE, PATIENCE, Done, lanchat, lanchat_inside, served

AWAY = RoomRecord(id="f" * 32, name="far", home=ELSEWHERE, addresses=("127.0.0.1:1",))
"""A room whose home does not answer."""


def test_rooms_of_the_node_here(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    assert any(line.split("\t") == [room, "empty", "desk"] for line in here.do("rooms").lines)

    def listed() -> bool:  # what was said comes into the list a moment later
        found = {info["name"]: info for info in here.do("rooms", "--json").objects}[room]
        return (found["kind"], found["top"]) == ("home", 1)

    wait_until(listed, PATIENCE)


def test_rooms_of_a_host(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "hello")
    for host in (here.host, here.ready["lan"]):
        done = lanchat_inside("rooms", *ALONE, "--data-dir", tmp_path, "--host", host)
        assert done.code == 0
        assert room in done.out


def test_rooms_on_the_network(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "hello")

    def found() -> bool:
        done = lanchat_inside("rooms", *ALONE, "--data-dir", tmp_path, "--search", "0.2", "--json")
        return room in {info["name"] for info in done.objects if info["kind"] == "found"}

    wait_until(found, PATIENCE)


def test_a_host_where_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
    for command in (["rooms"], ["send", "general", "hello"], ["tail", "general"]):
        lanchat_inside(*command, *ALONE, "--host", host).refused(4, host)


def test_a_text_is_said_as_the_owner(here: Here, room: str) -> None:
    done = here.do("send", room, "hello")
    assert done == Done(0, "", "")
    event = here.do("tail", room, "--no-follow", "--json").objects[0]
    assert (event["author"]["nick"], event["body"]["text"], event["seq"]) == ("Ada", "hello", 1)


@pytest.mark.parametrize("name", ["غرفة", "会議室 2", "a/b?c#d%20"])
def test_a_room_of_any_name_is_reached_from_a_terminal(here: Here, name: str, tmp_path: Path) -> None:
    here.do("send", name, "hello")
    assert here.read(name) == ["hello"]
    file = tmp_path / "room.jsonl"
    assert lanchat_inside("export", name, str(file), "--data-dir", here.data_dir).code == 0
    assert f'"{name}"' in file.read_text("utf-8")
    assert any(line.startswith(f"{name}\t") for line in here.do("rooms").lines)


def test_a_text_is_said_under_another_name(here: Here, room: str) -> None:
    said = here.do("send", room, "done", "--nick", "Robot", "--json").objects
    event = here.do("tail", room, "--no-follow", "--json").objects[0]
    assert said == [{"room": event["room"], "seq": 1, "nonce": event["nonce"]}]
    assert event["author"]["nick"] == "Robot"


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_standard_input_is_said(here: Here, room: str, arguments: list[str]) -> None:
    done = lanchat("send", room, *arguments, *ALONE, "--data-dir", here.data_dir, said="one\ntwo\n")
    assert done == Done(0, "", "")
    assert here.read(room) == ["one\ntwo"]


def test_a_long_input_becomes_several_messages_in_order(here: Here, room: str) -> None:
    lines = [f"line {number}: {'x' * 80}" for number in range(4000)]
    done = here.do("send", room, "-", "--json", said="\n".join(lines))
    assert done.code == 0
    assert [kept["seq"] for kept in done.objects] == list(range(1, len(done.objects) + 1))
    texts = here.read(room)
    assert max(map(len, texts)) <= MAX_TEXT
    assert "\n".join(texts).splitlines() == lines


def test_bytes_that_are_no_text_are_replaced(here: Here, room: str) -> None:
    assert here.do("send", room, "-", said=b"caf\xe9").code == 0
    assert here.read(room) == ["caf\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("said", ["", "\n \n"])
def test_there_has_to_be_something_to_say(here: Here, room: str, said: str) -> None:
    here.do("send", room, "-", said=said).refused(1, "nothing to send")
    assert room not in here.do("rooms").out


def test_everybody_is_told(here: Here) -> None:
    (told,) = here.announce("Lunch is ready", "--json").objects
    assert (told["text"], told["author"]["nick"]) == ("Lunch is ready", "Ada")
    done = here.announce("-", "--nick", "Bell", said="Ding\nDong\n")
    assert (done.code, done.out) == (0, "")
    assert here.announce("--json", said="two\nlines\n").objects[0]["text"] == "two\nlines"


def test_there_has_to_be_a_node_to_announce(data_dir: Path, here: Here) -> None:
    lanchat("announce", "Lunch", "--data-dir", data_dir).refused(4, "No Lanchat of yours")
    here.announce(" ").refused(1, "empty")


def test_names_that_cannot_be(here: Here) -> None:
    here.do("send", " ", "hello").refused(2, "room", "empty")
    here.do("tail", "x" * 41).refused(2, "41")
    here.do("send", "general", "hello", "--nick", "\t").refused(2, "name", "empty")


def test_a_room_is_found_on_the_network(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "first")
    options = [*ALONE, "--data-dir", str(tmp_path), "--search", "10"]
    assert lanchat("send", room, "found", *options, "--nick", "Bob") == Done(0, "", "")
    assert lanchat("tail", room, "--no-follow", *options).lines[1][6:] == "Bob (guest): found"


def test_somebody_without_a_node_speaks_under_their_own_name(here: Here, room: str, tmp_path: Path) -> None:
    done = lanchat_inside("send", room, "hello", *ALONE, "--data-dir", tmp_path, "--host", here.host)
    assert done == Done(0, "", "")
    event = here.do("tail", room, "--no-follow", "--json").objects[0]
    assert event["author"]["nick"] == Config().default_nick


@pytest.mark.parametrize("command", ["send", "tail"])
def test_a_room_that_nobody_has(room: str, tmp_path: Path, command: str) -> None:
    text = ["hello"] if command == "send" else []
    done = lanchat_inside(command, room, *text, *ALONE, "--data-dir", tmp_path, "--search", "0.2")
    done.refused(3, room, "0.2 s")


def test_the_runtime_file_of_a_killed_node_is_ignored(room: str, data_dir: Path) -> None:
    with served(data_dir) as (node, _):
        node.end(signal.SIGKILL)
    assert (data_dir / "node.json").exists()
    options = [*ALONE, "--data-dir", str(data_dir), "--search", "0.2"]
    lanchat_inside("send", room, "hello", *options).refused(3, room)
    assert lanchat_inside("rooms", *options).code == 0
    with served(data_dir):
        assert lanchat_inside("send", room, "hello", *options) == Done(0, "", "")


def test_what_is_said_while_the_home_is_away(room: str, data_dir: Path) -> None:
    """It is kept, and said at once; --wait has a code of its own; `tail` shows what waits, and the list says why."""
    data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(mirrored(data_dir / "lanchat.db", room))
    options = [*ALONE, "--data-dir", str(data_dir)]
    with served(data_dir):
        assert lanchat_inside("send", room, "one", *options) == Done(0, "kept here, waits for elsewhere\n", "")
        (told,) = lanchat_inside("send", room, "two", *options, "--nonce", "n2", "--json").objects
        assert told == {"room": AWAY.id, "seq": 0, "nonce": "n2", "waits_for": "elsewhere"}
        lanchat_inside("send", room, "three", *options, "--wait", "0.1").refused(8, "elsewhere", "0.1 s", "kept here")
        for _ in range(2):
            lanchat_inside("send", room, "four", *options, "--once")
        shown = lanchat_inside("tail", room, "--no-follow", *options)
        assert [line[6:] for line in shown.lines] == [
            f"{shown.lines[0][6:].partition(':')[0]}: {text} (waits for elsewhere)"
            for text in ("one", "two", "three", "four")
        ]
        told = lanchat_inside("tail", room, "--no-follow", "--json", *options).objects
        assert [(post["type"], post["waits_for"], post["body"]) for post in told[:1]] == [
            ("waiting", "elsewhere", {"text": "one"})
        ]
        assert any(line.split("\t")[:4:3] == [room, "away"] for line in lanchat_inside("rooms", *options).lines)


async def mirrored(database: Path, name: str) -> None:
    """Let the node of this database have a mirror of a room whose home does not answer."""

    async def nobody(room: str, events: object) -> None: ...

    async with Journal(database, nobody) as journal:
        await journal.put_room(msgspec.structs.replace(AWAY, name=name))
