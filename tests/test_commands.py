"""`serve`, `rooms`, `send` and `tail` as processes, with real nodes."""

import secrets
import signal
import socket
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lanchat import commands
from lanchat.chat.protocol import MAX_TEXT, Author, Body, Event
from lanchat.config import Config
from tests.clients import connected, guest, serving
from tests.conditions import wait_until
from tests.terminal import (
    ALONE,
    ANY_PORTS,
    PATIENCE,
    Done,
    Running,
    begun,
    lanchat,
    lanchat_inside,
    lanchat_meanwhile,
    port_of,
    served,
)

ENDING = 2.0
"""Seconds in which a node ends when it is asked to."""


class Here:
    """A node, and commands of the same user.

    Attributes:
        ready: what its first line said.
    """

    def __init__(self, data_dir: Path, node: Running, ready: Any) -> None:
        self.data_dir, self.node, self.ready = data_dir, node, ready

    @property
    def host(self) -> str:
        """Its address, as a person types it."""
        return f"127.0.0.1:{port_of(self.ready['lan'])}"

    def do(self, command: str, *arguments: str, said: str | bytes = b"") -> Done:
        """Run a command that uses this node."""
        return lanchat_inside(command, *ALONE, "--data-dir", self.data_dir, *arguments, said=said)

    def read(self, room: str) -> list[str]:
        """Give the texts in a room."""
        done = self.do("tail", room, "--since", "0", "--no-follow", "--json")
        return [event["body"]["text"] for event in done.objects]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    data_dir = tmp_path_factory.mktemp("here") / "data"
    with served(data_dir, *ANY_PORTS, "--name", "desk", "--nick", "Ada") as (node, ready):
        yield Here(data_dir, node, ready)


@pytest.fixture
def room(request: pytest.FixtureRequest) -> str:
    """A name that no other test and no other node on this machine uses."""
    return f"{request.node.name[5:25]} {secrets.token_hex(4)}"


# serve ----------------------------------------------------------------------------------------------------------------


def test_a_node_says_in_one_line_that_it_is_ready(data_dir: Path) -> None:
    with served(data_dir, *ANY_PORTS, "--name", "ready") as (node, ready):
        assert sorted(ready) == ["event", "lan", "node", "window"]
        assert ready["event"] == "ready"
        assert ready["node"]["name"] == "ready"
        assert ready["lan"].startswith("http://127.0.0.1:")
        assert ready["window"].startswith("http://127.0.0.1:")
        node.end()
        assert node.rest() == Done(0, "", "")


def test_a_person_reads_where_to_go(data_dir: Path) -> None:
    with begun("serve", *ANY_PORTS, "--data-dir", data_dir) as node:
        lines = [node.line() for _ in range(4)]
        node.end(signal.SIGINT)
        assert node.rest() == Done(0, "", "")
    assert "http://127.0.0.1:" in lines[1]
    assert "#t=" in lines[2]
    assert "Ctrl-C" in lines[3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_node_with_clients_ends_soon(data_dir: Path, number: signal.Signals) -> None:
    with served(data_dir) as (node, ready):
        async with connected(ready["lan"]) as mute, connected(ready["window"]) as other:
            assert node.end(number) < ENDING
            assert node.rest() == Done(0, "", "")
            assert await mute.end() == await other.end() == 1001


def test_a_node_that_is_told_to_end_at_once_ends_well(data_dir: Path) -> None:
    with served(data_dir) as (node, _):
        node.process.send_signal(signal.SIGTERM)
        assert node.rest() == Done(0, "", "")


def test_a_database_of_a_newer_version(data_dir: Path) -> None:
    data_dir.mkdir()
    with sqlite3.connect(data_dir / "lanchat.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    lanchat("serve", *ANY_PORTS, "--data-dir", data_dir).refused(5, "newer")


def test_a_database_that_is_none(data_dir: Path) -> None:
    data_dir.mkdir()
    file = data_dir / "lanchat.db"
    file.write_text("Dear diary, " * 1000)
    lanchat("serve", *ANY_PORTS, "--data-dir", data_dir).refused(5, "damaged")
    assert file.read_text() == "Dear diary, " * 1000


def test_a_node_without_a_log_runs(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "lanchat.log").mkdir(parents=True)
    with served(data_dir) as (node, _):
        node.end()
        assert node.rest() == Done(0, "", "")


# rooms ----------------------------------------------------------------------------------------------------------------


def test_rooms_of_the_node_here(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    assert any(line.split("\t") == [room, "empty", "desk"] for line in here.do("rooms").lines)
    listed = {info["name"]: info for info in here.do("rooms", "--json").objects}
    assert (listed[room]["kind"], listed[room]["top"]) == ("home", 1)


def test_rooms_of_a_host(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "hello")
    for host in (here.host, here.ready["lan"]):
        done = lanchat_inside("rooms", *ALONE, "--data-dir", tmp_path, "--host", host)
        assert done.code == 0
        assert room in done.out


def test_rooms_on_the_network(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "hello")

    def found() -> bool:
        done = lanchat_inside("rooms", *ALONE, "--data-dir", tmp_path, "--wait", "0.2", "--json")
        return room in {info["name"] for info in done.objects if info["kind"] == "found"}

    wait_until(found, PATIENCE)


def test_a_host_where_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
    for command in (["rooms"], ["send", "general", "hello"], ["tail", "general"]):
        lanchat_inside(*command, *ALONE, "--host", host).refused(4, host)


# send -----------------------------------------------------------------------------------------------------------------


def test_a_text_is_said_as_the_owner(here: Here, room: str) -> None:
    done = here.do("send", room, "hello")
    assert done == Done(0, "", "")
    event = here.do("tail", room, "--no-follow", "--json").objects[0]
    assert (event["author"]["nick"], event["body"]["text"], event["seq"]) == ("Ada", "hello", 1)


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


def test_names_that_cannot_be(here: Here) -> None:
    here.do("send", " ", "hello").refused(2, "room", "empty")
    here.do("tail", "x" * 41).refused(2, "41")
    here.do("send", "general", "hello", "--nick", "\t").refused(2, "name", "empty")


def test_a_room_is_found_on_the_network(here: Here, room: str, tmp_path: Path) -> None:
    here.do("send", room, "first")
    options = [*ALONE, "--data-dir", str(tmp_path), "--wait", "10"]
    assert lanchat("send", room, "found", *options, "--nick", "Bob") == Done(0, "", "")
    assert lanchat("tail", room, "--no-follow", *options).lines[1][6:] == "Bob: found"


def test_somebody_without_a_node_speaks_under_their_own_name(here: Here, room: str, tmp_path: Path) -> None:
    done = lanchat_inside("send", room, "hello", *ALONE, "--data-dir", tmp_path, "--host", here.host)
    assert done == Done(0, "", "")
    event = here.do("tail", room, "--no-follow", "--json").objects[0]
    assert event["author"]["nick"] == Config().default_nick


@pytest.mark.parametrize("command", ["send", "tail"])
def test_a_room_that_nobody_has(room: str, tmp_path: Path, command: str) -> None:
    text = ["hello"] if command == "send" else []
    done = lanchat_inside(command, room, *text, *ALONE, "--data-dir", tmp_path, "--wait", "0.2")
    done.refused(3, room, "0.2 s")


def test_the_runtime_file_of_a_killed_node_is_ignored(room: str, data_dir: Path) -> None:
    with served(data_dir) as (node, _):
        node.end(signal.SIGKILL)
    assert (data_dir / "node.json").exists()
    options = [*ALONE, "--data-dir", str(data_dir), "--wait", "0.2"]
    lanchat_inside("send", room, "hello", *options).refused(3, room)
    assert lanchat_inside("rooms", *options).code == 0
    with served(data_dir):
        assert lanchat_inside("send", room, "hello", *options) == Done(0, "", "")


# tail -----------------------------------------------------------------------------------------------------------------


def test_the_last_ten_and_then_what_comes(here: Here, room: str) -> None:
    here.do("send", room, "-", said="\n".join("x" * MAX_TEXT for _ in range(11)) + "\nlast")
    with begun("tail", room, *ALONE, "--data-dir", here.data_dir, "--json") as tail:
        assert [tail.object()["seq"] for _ in range(10)] == list(range(3, 13))
        here.do("send", room, "and one more")
        event = tail.object()
        assert (event["seq"], event["body"]["text"], event["type"]) == (13, "and one more", "event")
        assert tail.end() < ENDING
        assert tail.rest() == Done(0, "", "")


def test_reading_from_a_place_to_the_end(here: Here, room: str) -> None:
    for text in ("one", "two", "three"):
        here.do("send", room, text)
    done = here.do("tail", room, "--since", "1", "--no-follow")
    assert (done.code, [line[6:] for line in done.lines]) == (0, ["Ada: two", "Ada: three"])
    assert here.do("tail", room, "--since", "3", "--no-follow") == Done(0, "", "")
    here.do("tail", room, "--since", "4").refused(3, "history")


def test_many_pages_are_read(here: Here, room: str) -> None:
    here.do("send", room, "-", said="\n".join(f"{number:x<{MAX_TEXT}}" for number in range(600)))
    done = here.do("tail", room, "--since", "0", "--no-follow", "--json")
    assert [event["seq"] for event in done.objects] == list(range(1, 601))


def test_following_goes_on_after_the_node_was_away(room: str, data_dir: Path) -> None:
    with served(data_dir) as (node, ready):
        ports = ["--port", str(port_of(ready["lan"])), "--window-port", str(port_of(ready["window"]))]
        lanchat_inside("send", room, "before", *ALONE, "--data-dir", data_dir)
        command = ["tail", room, *ALONE, "--host", f"127.0.0.1:{ports[1]}", "--json"]
        with begun(*command) as tail:
            assert tail.object()["seq"] == 1
            node.end()
            with served(data_dir, *ALONE, *ports):
                lanchat_inside("send", room, "after", *ALONE, "--data-dir", data_dir)
                assert tail.object()["seq"] == 2
                tail.end()
                assert tail.rest() == Done(0, "", "")


def test_a_room_that_was_made_anew_is_read_from_its_beginning(room: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with served(first) as (node, ready):
        ports = ["--port", str(port_of(ready["lan"])), "--window-port", "0"]
        lanchat_inside("send", room, "old", *ALONE, "--data-dir", first)
        with begun("tail", room, *ALONE, "--host", f"127.0.0.1:{ports[1]}", "--json") as tail:
            old = tail.object()
            node.end()
            with served(second, *ALONE, *ports):
                lanchat_inside("send", room, "new", *ALONE, "--data-dir", second)
                new = tail.object()
                tail.end()
                assert tail.rest() == Done(0, "", "")
    assert (new["body"]["text"], new["seq"]) == ("new", 1)
    assert new["room"] != old["room"]


def test_a_closed_pipe_ends_it_quietly(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    with begun("tail", room, *ALONE, "--data-dir", here.data_dir) as tail:
        assert tail.line().endswith("hello")
        tail.close_output()
        assert tail.process.wait(PATIENCE) == 0
        assert tail.errors() == ""


def test_a_closed_pipe_ends_a_long_list_quietly(here: Here, room: str) -> None:
    here.do("send", room, "-", said="\n".join("x" * MAX_TEXT for _ in range(100)))
    with begun("tail", room, *ALONE, "--data-dir", here.data_dir, "--since", "0", "--no-follow") as tail:
        tail.line()
        tail.close_output()
        assert tail.process.wait(PATIENCE) == 0
        assert tail.errors() == ""


async def test_words_cannot_harm_the_terminal(config: Config, room: str) -> None:
    wicked = "red \x1b[31m bell\a\n\tindented \u202eback\N{ZERO WIDTH JOINER}"
    async with serving(config) as server, guest(server) as client:
        ours = await client.enter(room)
        await client.say(ours, wicked)
        await client.said(ours, 1)
        out = await lanchat_meanwhile("tail", room, *ALONE, "--data-dir", str(config.data_dir), "--no-follow")
        said = await lanchat_meanwhile(
            "tail", room, *ALONE, "--data-dir", str(config.data_dir), "--no-follow", "--json"
        )
    assert out.lines[0].endswith("Guest: red  [31m bell ")
    assert out.lines[1] == "          indented  back\N{ZERO WIDTH JOINER}"
    assert said.objects[0]["body"]["text"] == wicked


def test_a_terminal_of_another_alphabet_is_no_fault(here: Here, room: str) -> None:
    here.do("send", room, "👋 Grüße")
    options = [*ALONE, "--data-dir", str(here.data_dir), "--no-follow"]
    done = lanchat("tail", room, *options, environ={"PYTHONIOENCODING": "iso8859-5"})
    assert done.out.endswith("Ada: ? Gr??e\n")


# pure -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", []),
        (" \n\t\r\n ", []),
        ("one", [3]),
        ("\r\n one \r\n", [5]),
        ("x" * MAX_TEXT, [MAX_TEXT]),
        ("x" * (MAX_TEXT + 1), [MAX_TEXT, 1]),
        ("x" * MAX_TEXT + "\n", [MAX_TEXT]),
        ("x" * MAX_TEXT + "\ny", [MAX_TEXT, 1]),
        ("x" * (MAX_TEXT - 1) + "\ny\nz", [MAX_TEXT - 1, 3]),
        ("short\n" + "x" * MAX_TEXT, [5, MAX_TEXT]),
        ("a\n" + "\n" * MAX_TEXT + "b", [1, 1]),
        ("\n" * 3 * MAX_TEXT + "b", [1]),
    ],
)
def test_split(text: str, lengths: list[int]) -> None:
    assert [len(part) for part in commands.split(text)] == lengths


@pytest.mark.parametrize(("at", "shown"), [(0, None), (10**18, "--:--"), (-(10**18), "--:--")])
def test_an_event_for_people(at: int, shown: str | None) -> None:
    event = Event(
        room="r",
        seq=1,
        term=1,
        nonce="n",
        author=Author(id="a", nick="Eve\x1b[2J"),
        at=at,
        kind="message",
        body=Body(text="one\ntwo"),
    )
    expected = shown or datetime.fromtimestamp(0).astimezone().strftime("%H:%M")
    assert commands.spoken(event) == f"{expected} Eve [2J: one\n      two"
