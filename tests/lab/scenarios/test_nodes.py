"""Whole nodes on one LAN: found by name, linked, cut, killed, started again; nothing is lost and nothing doubled."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.lan.capture import Capture
from tests.support.lan.hosts import Lan, root
from tests.support.lan.nodes import LANCHAT, Node, Window

Start = Callable[..., Node]
Look = Callable[[Node], Window]


def until_has(window: Window, room: str, texts: list[str]) -> None:
    """Wait until a window shows all of these."""
    window.until(lambda: set(texts) <= set(window.texts(room)), 5)


def until_same(first: Window, second: Window, room: str) -> None:
    """Wait until both have the same events in the same order, and see that each came once."""
    first.until(lambda: first.events(room) == second.events(room), 5, "both windows show the same")
    seqs = [event["seq"] for event in first.events(room)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_found_joined_by_name_and_written_both_ways(lan: Lan, serve: Start, look: Look) -> None:
    first = look(serve(lan.host("ann"), "--room", "lounge"))
    room = first.open("lounge")["id"]
    first.say(room, "before you came")
    second = look(serve(lan.host("bob")))
    second.until(lambda: "lounge" in second.rooms())
    joined = second.open("lounge")
    assert joined["id"] == room
    second.until(lambda: second.texts(room) == ["before you came"])
    second.say(room, "hello from bob")
    first.until(lambda: first.texts(room) == ["before you came", "hello from bob"])
    first.say(room, "hello from ann")
    second.until(lambda: second.texts(room)[-1] == "hello from ann")
    until_same(first, second, room)
    assert second.events(room)[1]["author"]["nick"] == "bob"
    assert first.events(room)[1]["author"]["nick"] == "bob"


def test_first_start_joins_general_and_not_the_busiest_room(lan: Lan, serve: Start, look: Look) -> None:
    first = look(serve(lan.host("ann"), "--room", "general"))
    general = first.open("general")["id"]
    first.open("busy")
    third = look(serve(lan.host("bob"), "--room", "busy"))
    third.open("busy")
    second = look(serve(lan.host("cleo")))
    second.until(lambda: "general" in second.rooms() and second.rooms()["general"]["kind"] == "mirror")
    assert second.rooms()["general"]["id"] == general
    second.until(lambda: "busy" in second.rooms())
    assert second.rooms()["busy"]["kind"] == "found"


def test_two_that_start_at_once_end_in_one_room(lan: Lan, serve: Start, look: Look) -> None:
    hosts = lan.host("ann"), lan.host("bob")
    windows = [look(serve(host)) for host in hosts]
    first, second = windows

    def settled() -> bool:
        shown = [room for window in windows for room in window.rooms_shown()]
        return len({room["id"] for room in shown}) == 1 and {room["kind"] for room in shown} == {"home", "mirror"}

    deadline = time.monotonic() + 12
    for window in (first, second):
        window.until(settled, deadline - time.monotonic(), "both show one general")


def test_home_stops_and_comes_back(lan: Lan, serve: Start, look: Look) -> None:
    home = serve(lan.host("ann"), "--room", "general")
    first = look(home)
    room = first.open("general")["id"]
    first.say(room, "one")
    second = look(serve(lan.host("bob")))
    second.until(lambda: "general" in second.rooms())
    second.open("general")
    second.until(lambda: second.texts(room) == ["one"])
    home.stop()
    second.until(lambda: not second.rooms()["general"]["online"])
    second.say(room, "two")
    second.say(room, "three")
    home.again()
    second.until(lambda: second.texts(room) == ["one", "two", "three"], 10)
    after = look(home)
    after.join(room)
    after.until(lambda: after.texts(room) == ["one", "two", "three"])
    after.say(room, "four")
    second.until(lambda: second.texts(room)[-1] == "four")
    until_same(after, second, room)


def test_goodbye_is_seen_at_once(lan: Lan, serve: Start, look: Look) -> None:
    home = serve(lan.host("ann"), "--room", "lounge")
    first = look(home)
    first.open("lounge")
    first.do("send", frame={"type": "open", "name": "side"})
    second = look(serve(lan.host("bob")))
    second.until(lambda: second.rooms().get("side", {}).get("kind") == "found")
    asked = home.stop()
    assert second.until_gone("side", asked, 2) <= 1


def test_killed_home_vanishes_and_the_link_goes_on_when_it_is_back(lan: Lan, serve: Start, look: Look) -> None:
    home = serve(lan.host("ann"), "--room", "lounge")
    first = look(home)
    room = first.open("lounge")["id"]
    first.do("send", frame={"type": "open", "name": "side"})
    second = look(serve(lan.host("bob")))
    second.until(lambda: second.rooms().get("side", {}).get("kind") == "found")
    second.open("lounge")
    asked = home.kill()
    assert second.until_gone("side", asked, 16) <= 15
    second.say(room, "while you were away")
    home.again()
    again = look(home)
    again.join(room)
    again.until(lambda: again.texts(room) == ["while you were away"], 10)
    second.until(lambda: second.texts(room) == ["while you were away"], 10)
    second.until(lambda: second.rooms().get("side", {}).get("kind") == "found", 10)
    again.say(room, "I am back")
    second.until(lambda: second.texts(room)[-1] == "I am back")


def test_cable_out_while_people_type(lan: Lan, serve: Start, look: Look) -> None:
    first, host = look(serve(lan.host("ann"), "--room", "general")), lan.host("bob")
    room = first.open("general")["id"]
    second = look(serve(host))
    second.until(lambda: "general" in second.rooms())
    second.open("general")
    second.say(room, "before")
    first.until(lambda: first.texts(room) == ["before"])
    host.cut()
    typed = [f"typed without a cable {number}" for number in range(5)]
    for text in typed:
        second.say(room, text)
    others = [f"said meanwhile {number}" for number in range(5)]
    for text in others:
        first.say(room, text)
    first.until(lambda: first.texts(room)[1:] == others)
    host.heal()
    first.until(lambda: len(first.texts(room)) == 11, 40)
    second.until(lambda: len(second.texts(room)) == 11, 40)
    until_same(first, second, room)
    assert [text for text in first.texts(room) if text in typed] == typed


def test_script_of_a_third_machine(lan: Lan, serve: Start, look: Look, tmp_path: Path) -> None:
    first = look(serve(lan.host("ann"), "--room", "general"))
    room = first.open("general")["id"]
    second = look(serve(lan.host("bob")))
    second.until(lambda: "general" in second.rooms())
    second.open("general")
    third = lan.host("cleo")
    options = ["--data-dir", str(tmp_path / "cleo")]
    sender = third.popen([*LANCHAT, "send", "general", "-", *options], stdin=subprocess.PIPE, cwd=root())
    sender.communicate("hi\n", timeout=20)
    assert sender.returncode == 0
    first.until(lambda: first.texts(room) == ["hi"])
    second.until(lambda: second.texts(room) == ["hi"])

    tail = third.popen([*LANCHAT, "tail", "general", "--json", *options], stdout=subprocess.PIPE, cwd=root())
    try:
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["body"]["text"] == "hi"
        began = time.monotonic()
        second.say(room, "to the tail")
        assert json.loads(tail.stdout.readline())["body"]["text"] == "to the tail"
        assert time.monotonic() - began < 60
    finally:
        tail.kill()
        tail.communicate()


def test_a_capture_of_two_desktops_shows_nothing_of_what_is_said(lan: Lan, serve: Start, look: Look) -> None:
    """Not the texts, not the names of people, and not the keys by which the two know each other."""
    secrets = [f"secret-{number}-{'x' * 20}" for number in range(6)]
    home, far = serve(lan.host("ann"), "--room", "lounge"), serve(lan.host("bob"))
    with Capture(f"eth0-{home.host.name}") as capture:
        first, second = look(home), look(far)
        room = first.open("lounge")["id"]
        second.until(lambda: "lounge" in second.rooms(), 5)
        second.open("lounge")
        for here, there, texts in ((first, second, secrets[:3]), (second, first, secrets[3:])):
            for text in texts:
                here.say(room, text)
            until_has(there, room, texts)
        until_same(first, second, room)
        seen = capture.frames
    assert room.encode() in seen, "what is announced is seen, so the capture works"
    for word in (*secrets, "secret-", '"nick"', "BEGIN", "/api/node", "GET /ws", "hello"):
        assert word.encode() not in seen, word
    with Capture(f"eth0-{home.host.name}") as capture:
        url = f"http://{home.host.address}:28280/api/node"
        ask = f"import urllib.request; urllib.request.urlopen('{url}').read()"
        far.host.run(sys.executable, "-c", ask)
        assert b"GET /api/node" in capture.frames, "what is not encrypted is seen"
