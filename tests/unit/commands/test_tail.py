"""`tail` as a process, with real nodes."""

from pathlib import Path

from lanchat.config import Config
from lanchat.protocol import MAX_TEXT
from tests.support.clients import guest, serving
from tests.support.here import ENDING, Here
from tests.support.terminal import (
    ALONE,
    PATIENCE,
    Done,
    begun,
    lanchat,
    lanchat_inside,
    lanchat_meanwhile,
    port_of,
    served,
)


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
    assert out.lines[0].endswith("Guest (guest): red  [31m bell ")
    assert out.lines[1] == "          indented  back\N{ZERO WIDTH JOINER}"
    assert said.objects[0]["body"]["text"] == wicked


def test_a_terminal_of_another_alphabet_is_no_fault(here: Here, room: str) -> None:
    here.do("send", room, "👋 Grüße")
    options = [*ALONE, "--data-dir", str(here.data_dir), "--no-follow"]
    done = lanchat("tail", room, *options, environ={"PYTHONIOENCODING": "iso8859-5"})
    assert done.out.endswith("Ada: ? Gr??e\n")
