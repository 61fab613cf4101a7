"""Machines that move: other addresses, a network that comes late, a sleep, a network that was cut in two."""

import time
from collections.abc import Callable

from tests.support.conditions import LONG
from tests.support.faults import jumped
from tests.support.lan.agents import Agent, room
from tests.support.lan.hosts import Lan, ip
from tests.support.lan.nodes import Node, Window

Serve = Callable[..., Node]
Look = Callable[[Node], Window]
MOVED = 15.0
"""Seconds in which everybody is where they were in the conversation: before the silence of a link runs out.

It takes one or two; more where the machine has much else to do."""
HEALED = 20.0
"""Seconds in which a network that was cut in two is one again; before anybody asks the network again by themselves."""


def linked(lan: Lan, serve: Serve, look: Look) -> tuple[Node, Node, Window, Window, str]:
    """Two nodes: the second one has a mirror of a room of the first."""
    home, far = serve(lan.host("ann"), "--room", "lounge"), serve(lan.host("bob"), "--room", "den")
    first, second = look(home), look(far)
    room_id = first.open("lounge")["id"]
    second.until(lambda: "lounge" in second.rooms())
    second.open("lounge")
    first.say(room_id, "before")
    second.until(lambda: second.texts(room_id) == ["before"])
    return home, far, first, second, room_id


def addresses(window: Window) -> list[str]:
    """The addresses for guests that a window was told, in order."""
    return [frame["address"] for frame in window.frames if frame["type"] in {"welcome", "whereabouts"}]


def arrives(window: Window, room_id: str, text: str, since: float) -> float:
    """Seconds after which a text is there."""
    window.until(lambda: text in window.texts(room_id), LONG, f"{text!r} arrives")
    return time.monotonic() - since


def test_the_home_gets_another_address(lan: Lan, serve: Serve, look: Look) -> None:
    home, _, first, second, room_id = linked(lan, serve, look)
    moved = time.monotonic()
    home.host.take(home.host.address)
    home.host.give(lan.address(99))
    second.say(room_id, "to where you are now")
    took = arrives(first, room_id, "to where you are now", moved)
    first.until(lambda: addresses(first)[-1] == f"http://{lan.address(99)}:28280/", LONG)
    shown = next(event["at"] for event in first._events if event.get("frame", {}).get("address", "").find(".99:") > 0)
    assert took <= MOVED, took
    assert shown - moved <= MOVED
    assert addresses(first)[0] == f"http://{home.host.address}:28280/"
    running = home.running
    assert running is not None
    assert running["lan"] == addresses(first)[-1]


def test_a_mirror_gets_another_address(lan: Lan, serve: Serve, look: Look) -> None:
    _, far, first, second, room_id = linked(lan, serve, look)
    moved = time.monotonic()
    far.host.take(far.host.address)
    far.host.give(lan.address(99))
    second.say(room_id, "from elsewhere")
    took = arrives(first, room_id, "from elsewhere", moved)
    first.say(room_id, "to elsewhere")
    arrives(second, room_id, "to elsewhere", moved)
    assert took <= MOVED, took


def test_a_network_that_comes_after_the_start(lan: Lan, serve: Serve, look: Look) -> None:
    home = serve(lan.host("ann"), "--room", "lounge")
    late = lan.host("bob", address=False)
    late.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
    first, second = look(home), look(serve(late, "--room", "den"))
    first.open("lounge")
    assert "127.0.0.1" in addresses(second)[0]
    came = time.monotonic()
    late.give(late.address)
    second.until(lambda: "lounge" in second.rooms(), LONG)
    found = time.monotonic() - came
    second.until(lambda: addresses(second)[-1] == f"http://{late.address}:28280/")
    first.until(lambda: "den" in first.rooms())
    assert found <= HEALED, found


def test_after_a_sleep_the_links_are_made_anew(lan: Lan, serve: Serve, look: Look) -> None:
    _, far, first, second, room_id = linked(lan, serve, look)
    # What a sleeping machine does not notice: its connection was dropped on the way, and nobody says so.
    held = far.host.run("ss", "-Htn", "state", "established", "dport", "28280").split()[2].rpartition(":")[2]
    for hook, port in (("output", "sport"), ("input", "dport")):
        chain = f"add chain inet dead {hook} {{ type filter hook {hook} priority 0; }};"
        far.host.run("nft", f"add table inet dead; {chain} add rule inet dead {hook} tcp {port} {held} drop")
    second.say(room_id, "good morning")
    woken = time.monotonic()
    with jumped(far.clock, 8 * 3_600):
        took = arrives(first, room_id, "good morning", woken)
    assert took <= MOVED, took


def test_a_network_that_was_cut_in_two(lan: Lan, serve: Serve, look: Look) -> None:
    """In the middle, where none of the machines sees it: what was opened meanwhile is there soon."""
    _, far, first, second, room_id = linked(lan, serve, look)
    with Lan("lan1") as other:
        ip("link", "set", f"eth0-{far.host.name}", "master", other.bridge)
        first.until(lambda: "den" not in first.rooms())
        second.until(lambda: not second.rooms()["lounge"]["online"])
        first.open("attic")
        second.open("cellar")
        healed = time.monotonic()
        ip("link", "set", f"eth0-{far.host.name}", "master", lan.bridge)
        first.until(lambda: "cellar" in first.rooms())
        second.until(lambda: "attic" in second.rooms())
        took = time.monotonic() - healed
        second.say(room_id, "whole again")
        arrives(first, room_id, "whole again", healed)
    assert took <= HEALED, took


def test_the_one_address_to_use_goes_and_comes_back(lan: Lan, serve: Serve, look: Look) -> None:
    host = lan.host("bob")
    here = serve(host, "--room", "den", "--bind", host.address)
    first = look(serve(lan.host("ann"), "--room", "lounge"))
    first.until(lambda: "den" in first.rooms())
    host.take(host.address)
    host.give(lan.address(99))
    first.until(lambda: "den" not in first.rooms())
    window = look(here)
    window.until(lambda: f"does not have the address {host.address}" in here.log.read_text())
    back = time.monotonic()
    host.give(host.address)
    first.until(lambda: "den" in first.rooms())
    assert time.monotonic() - back <= HEALED


def test_an_interface_that_comes_and_goes(lan: Lan, start: Callable[..., Agent]) -> None:
    here, there = start(lan.host("a")), start(lan.host("b"))
    general = room("general")
    here.advertise(general)
    there.until(lambda found: general["id"] in found)
    for number in range(20):
        here.host.give(lan.address(200 + number))
        here.host.cut()
        here.host.heal()
        here.host.take(lan.address(200 + number))
    other = room("other")
    here.advertise(general, other)
    there.until(lambda found: set(found) == {general["id"], other["id"]})
