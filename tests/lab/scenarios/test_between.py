"""A machine in two networks whose nodes do not reach each other passes a room on, and guests come on both sides."""

import subprocess
from collections.abc import Callable

from tests.support.conditions import LONG
from tests.support.lan.hosts import Host, Lan, root
from tests.support.lan.nodes import LANCHAT, Frame, Node, Window

Serve = Callable[..., Node]
Look = Callable[[Node], Window]


def in_both(lan: Lan, other: Lan, name: str) -> Host:
    """A machine with a card in each of two networks, which is no router."""
    host = lan.host(name)
    host.plug_in(other, "eth1")
    host.give(other.address(99), "eth1")
    return host


def say_as_guest(host: Host, at: str, text: str) -> None:
    """Say something in the lounge as somebody without a node, at the one whose address is given."""
    command = [*LANCHAT, "send", "lounge", text, "--host", at, "--nick", host.name, "--data-dir", "nowhere"]
    subprocess.run(["ip", "netns", "exec", host.name, *command], cwd=root(), capture_output=True, check=True)


def shown(window: Window, name: str) -> Frame:
    """The room of this name as a window shows it; nothing where it shows none."""
    return window.rooms().get(name, {})


def turn(window: Window, room: str, *, on: bool) -> None:
    window.answer("done", window.do("send", frame={"type": "bridge", "ref": 1, "room": room, "on": on}))


def test_a_room_is_passed_on_and_people_of_both_networks_are_in_it(lan: Lan, serve: Serve, look: Look) -> None:
    with Lan("lan1", "10.78.0") as other:
        home = serve(lan.host("ann"), "--name", "ann", "--room", "lounge")
        middle = serve(in_both(lan, other, "mia"), "--name", "mia", "--room", "den")
        far = serve(other.host("bob"), "--name", "bob", "--room", "attic")
        first, between, third = look(home), look(middle), look(far)
        room = first.open("lounge")["id"]
        first.say(room, "before")
        between.until(lambda: {"lounge", "attic"} <= set(between.rooms()))
        between.open("lounge")
        third.until(lambda: "den" in third.rooms())
        between.until(lambda: shown(between, "lounge").get("bridge") == "offered", LONG, "it is offered")
        assert "lounge" not in third.rooms()
        turn(between, room, on=True)
        third.until(lambda: "lounge" in third.rooms(), LONG, "the room is known on the other side")
        third.open("lounge")
        third.until(lambda: third.texts(room) == ["before"])
        assert shown(third, "lounge")["node"] == shown(first, "lounge")["node"], "ann's machine itself has answered"
        third.say(room, "from the other side")
        say_as_guest(lan.host("gus"), f"{home.host.address}:28280", "a guest of the one side")
        say_as_guest(other.host("pia"), f"{other.address(99)}:28280", "a guest of the other side")
        texts = {"before", "from the other side", "a guest of the one side", "a guest of the other side"}
        for window in (first, between, third):
            window.until(lambda window=window: set(window.texts(room)) == texts)  # type: ignore[misc]
        middle.stop()
        middle.again()
        first.say(room, "after a start")
        third.until(lambda: "after a start" in third.texts(room), LONG, "it is passed on as before")
        again = look(middle)
        again.until(lambda: shown(again, "lounge").get("bridge") == "on")
        turn(again, room, on=False)
        third.until(lambda: not shown(third, "lounge")["online"], LONG, "nothing is passed on any more")
