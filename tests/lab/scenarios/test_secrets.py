"""What somebody sees who is plugged into the LAN, and gets in another's place: whole nodes and real packets."""

import base64
import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from lanchat.rooms.door.passphrase import _derive
from tests.support.lan.capture import Capture
from tests.support.lan.hosts import Lan
from tests.support.lan.nodes import Frame, Node, Window

Start = Callable[..., Node]
Look = Callable[[Node], Window]

WORDS, WRONG = "correct horse battery staple", "incorrect horse battery staple"
REF = 900
SECRET = "soup-is-ready-" + "x" * 20


def newest(window: Window, kind: str) -> Frame:
    """The newest frame of a kind that a window has got; an empty one when there is none."""
    return next((frame for frame in reversed(window.frames) if frame["type"] == kind), {})


def listed(window: Window, room: str) -> Frame:
    """A room as the list of a window shows it now."""
    return next((shown for shown in window.rooms_shown() if shown["id"] == room), {})


def tried(window: Window, room: str, words: str) -> str:
    """Show a passphrase at the door of a room; gives `done`, or the code of the refusal."""
    since = window.do("send", frame={"type": "enter", "room": room, "passphrase": words, "ref": REF})

    def answered() -> list[Frame]:
        events = [event for event in list(window._events) if event["event"] == "frame" and event["at"] >= since]
        return [event["frame"] for event in events if event["frame"].get("ref") == REF]

    window.until(answered)
    return str(answered()[0].get("code", "done"))


def test_a_passphrase_opens_at_home_and_mirror_and_a_capture_is_of_no_use_for_guessing(
    lan: Lan, serve: Start, look: Look
) -> None:
    home, far, third = serve(lan.host("ann"), "--room", "lounge"), serve(lan.host("bob")), serve(lan.host("eve"))
    first, second, stranger = look(home), look(far), look(third)
    room = first.open("lounge")["id"]
    for window in (second, stranger):
        window.until(functools.partial(listed, window, room))
    with Capture(f"eth0-{home.host.name}") as capture:
        first.do("send", frame={"type": "passphrase", "room": room, "passphrase": WORDS})
        rule = {"type": "post", "room": room, "nonce": "door-rule-1", "kind": "rule"}
        first.do("send", frame=rule | {"text": json.dumps({"change": "door", "door": "passphrase"})})
        first.until(lambda: newest(first, "policy").get("door") == "passphrase")
        first.say(room, SECRET)
        for window in (second, stranger):
            window.do("send", frame={"type": "open", "room": room})
            window.until(functools.partial(newest, window, "opened"))
        assert tried(stranger, room, WRONG) == "wrong_passphrase"
        assert tried(second, room, WORDS) == "done"
        second.join(room)
        second.until(lambda: SECRET in second.texts(room))
        second.say(room, SECRET + " too")
        first.until(lambda: SECRET + " too" in first.texts(room))
        seen = capture.frames
    assert b"\x16\x03\x01" in seen, "the beginning of TLS is seen, so the capture works"
    assert stranger.texts(room) == []
    for words in (WORDS, WRONG):
        key = _derive(words, room)  # what every proof is made of: nothing that passes shows it in any form
        forms = [words.encode(), key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)]
        assert not [form for form in forms if form.rstrip(b"=") in seen]
    for word in (SECRET, "knock", "share", "confirm", "wrong_passphrase"):
        assert word.encode() not in seen, word


def test_a_machine_in_the_place_of_the_home_is_told_nothing(lan: Lan, serve: Start, look: Look) -> None:
    """It has the home's address, speaks the protocol, and has another key. The page of this: tests/page."""
    home, far = serve(lan.host("ann"), "--room", "lounge"), serve(lan.host("bob"))
    first, second = look(home), look(far)
    room = first.open("lounge")["id"]
    second.until(lambda: "lounge" in second.rooms())
    second.open("lounge")
    first.say(room, "before")
    second.until(lambda: second.texts(room) == ["before"])
    home.kill()
    second.until(lambda: listed(second, room).get("online") is False)
    home.host.cut()
    middle = lan.host("mal")
    middle.give(home.host.address)
    far.host.run("ip", "neigh", "flush", "all")  # as whoever spoofs ARP has it
    with Capture(f"eth0-{middle.name}") as capture:
        serve(middle, "--room", "lounge")
        second.say(room, SECRET)
        second.until(lambda: listed(second, room).get("refused") == "other_node")
        assert SECRET not in second.texts(room)
        second.until(lambda: any(frame["type"] == "held" for frame in second.frames))
        seen = capture.frames
    assert b"\x16\x03" in seen, "the mirror has dialled it"
    for word in (SECRET, "hello", "GET /ws"):
        assert word.encode() not in seen, word


def test_a_clone_on_the_same_lan_is_told_to_its_owner(lan: Lan, serve: Start, look: Look, tmp_path: Path) -> None:
    first = serve(lan.host("ann"), "--room", "lounge")
    first.stop()
    shutil.copytree(first.data_dir, tmp_path / "bob")
    first.again()
    second = serve(lan.host("bob"))
    windows = [look(node) for node in (first, second)]
    assert len({window.frames[0]["node"]["id"] for window in windows}) == 1

    def told(window: Window) -> bool:
        notices = [frame["text"] for frame in window.frames if frame["type"] == "notification"]
        return any("runs Lanchat with the keys of this one" in text for text in notices)

    windows[0].until(lambda: any(told(window) for window in windows), what="an owner is told of the clone")
