"""Many machines that are switched on, or plugged in, in the same moment: they come to one room; nothing stays held."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.conditions import LONG, wait_until
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, Lan, ip
from tests.support.lan.nodes import Frame, Node, Window

Crowd = Callable[..., "list[Follower]"]
_AT_ONCE = 6
"""Windows that are opened at once: they are no part of what is tried."""


class Follower:
    """Somebody at a window, who goes along when a room gives way, as the page does.

    Args:
        window: theirs.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self._entered: dict[str, str] = {}

    def kept(self, name: str) -> list[Frame]:
        """The rooms of this name that the node itself has."""
        return [room for room in self.window.rooms_shown() if room["name"] == name and room["kind"] != "found"]

    def follow(self, name: str) -> None:
        """Be in the one room of this name that the node has."""
        room = self.kept(name)[0]["id"]
        if self._entered.get(name) != room:
            self.window.join(room)
            self._entered[name] = room

    def say(self, name: str, text: str) -> None:
        self.window.say(self._entered[name], text)

    def texts(self, name: str) -> list[str]:
        """What was said there, but for what holds there."""
        events = self.window.events(self._entered[name])
        return [event["body"]["text"] for event in events if event["kind"] != "rule"]


@pytest.fixture
def gather(lan: Lan, programs: list[Program], tmp_path: Path, nothing_left: None) -> Iterator[Crowd]:
    """Lets so many machines start at once, plugged in or with their cables out, and a window open on each."""
    nodes: list[Node] = []

    def serve(host: Host, *options: str, at_once: bool) -> Node:
        nodes.append(node := Node(host, tmp_path / host.name, "--nick", host.name, *options, at_once=at_once))
        return node

    def look(node: Node) -> Follower:
        programs.append(window := Window(node))
        return Follower(window)

    def gather(count: int, *options: str, plugged: bool = True, at_once: bool = True) -> list[Follower]:
        hosts = [lan.host(f"h{number}") for number in range(count)]
        if not plugged:
            for host in hosts:
                host.cut()
        with ThreadPoolExecutor(count) as pool:
            started = list(pool.map(lambda host: serve(host, *options, at_once=at_once), hosts))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(look, started))

    yield gather
    for node in nodes:
        node.end()


def settled(crowd: Sequence[Follower], name: str) -> bool:
    """Whether all have the one room of this name, and one of them is its home."""
    rooms = [room for one in crowd for room in one.kept(name)]
    return (
        len(rooms) == len(crowd)
        and len({room["id"] for room in rooms}) == 1
        and sorted(room["kind"] for room in rooms) == ["home", *["mirror"] * (len(crowd) - 1)]
        and all(room["online"] for room in rooms)
    )


def come_together(crowd: Sequence[Follower], name: str) -> float:
    """Wait until all are in one room, then let each say a line, and see that everybody has each once, in one order.

    Returns:
        Seconds from the first line until everybody had all.
    """
    wait_until(lambda: settled(crowd, name), LONG, f"all are in one {name}")
    for one in crowd:
        one.follow(name)
    said = [f"{name}: from {one.window.host.name}" for one in crowd]
    begun = time.monotonic()
    for one, text in zip(crowd, said, strict=True):
        one.say(name, text)
    wait_until(lambda: all(len(one.texts(name)) >= len(said) for one in crowd), LONG, f"all lines are in {name}")
    took = time.monotonic() - begun
    assert sorted(crowd[0].texts(name)) == sorted(said)
    assert all(one.texts(name) == crowd[0].texts(name) for one in crowd)
    return took


def test_rooms_of_one_name_that_were_opened_apart_or_at_once_become_one(gather: Crowd) -> None:
    crowd = gather(6, "--room", "lounge", plugged=False)
    wait_until(lambda: all(one.kept("lounge") for one in crowd), LONG, "each has a lounge of its own")
    assert len({room["id"] for one in crowd for room in one.kept("lounge")}) == len(crowd)
    for one in crowd:
        one.window.host.heal()
    come_together(crowd, "lounge")
    for one in crowd:
        one.window.do("send", frame={"type": "open", "name": "lunch"})
    come_together(crowd, "lunch")


def have_spoken(crowd: Sequence[Follower], name: str) -> list[str]:
    """Have everybody say a line in the one room of this name, and all of them hear it; return the lines."""
    wait_until(lambda: settled(crowd, name), LONG, f"they are in one {name}")
    said: list[str] = []
    for one in crowd:
        one.follow(name)
        said.append(f"{name}: {one.window.host.name} spoke")
        one.say(name, said[-1])
        wait_until(lambda: all(each.texts(name) == said for each in crowd if each in crowd[: len(said)]), LONG, "heard")
    wait_until(lambda: all(each.texts(name) == said for each in crowd), LONG, f"all have heard all in {name}")
    return said


def test_two_networks_of_three_with_words_of_all_become_one_when_they_are_plugged_together(
    lan: Lan, serve: Callable[..., Node], look: Callable[[Node], Window]
) -> None:
    """`general`, which opened by itself, by itself; the lounge when its owner presses the button."""
    with Lan("lan1") as far:
        hosts = [lan.host(f"n{number}") for number in range(3)]
        hosts += [Host(far, f"f{number}", 31 + number, address=True) for number in range(3)]
        with ThreadPoolExecutor(len(hosts)) as pool:
            crowd = [Follower(window) for window in pool.map(look, pool.map(serve, hosts))]
        islands = crowd[:3], crowd[3:]
        said: dict[str, list[list[str]]] = {"general": [], "lounge": []}
        for island in islands:
            said["general"].append(have_spoken(island, "general"))
            island[0].window.do("send", frame={"type": "open", "name": "lounge"})
            for one in island[1:]:
                one.window.until(lambda one=one: "lounge" in one.window.rooms(), LONG, "the lounge is found")  # type: ignore[misc]
                one.window.do("send", frame={"type": "open", "name": "lounge"})
            said["lounge"].append(have_spoken(island, "lounge"))
        goes = max(islands, key=lambda island: island[0].kept("lounge")[0]["id"])
        former = goes[0].kept("lounge")[0]["id"]
        ip("link", "add", "cable", "type", "veth", "peer", "name", "cable-far")
        ip("link", "set", "cable", "master", lan.bridge, "up")
        ip("link", "set", "cable-far", "master", far.bridge, "up")
        all_have(crowd, "general", said["general"])
        owner = goes[0].window
        owner.until(lambda: any(room["kind"] == "found" and room["top"] for room in named(owner, "lounge")), LONG)
        assert goes[0].kept("lounge")[0]["id"] == former, "nobody has wished it yet"
        into = next(room["id"] for room in named(owner, "lounge") if room["kind"] == "found")
        since = owner.do("send", frame={"type": "unite", "ref": 7, "room": former, "into": into})
        owner.answer("done", since)
        all_have(crowd, "lounge", said["lounge"])


def named(window: Window, name: str) -> list[Frame]:
    """The rooms of a name that a window shows."""
    return [room for room in window.rooms_shown() if room["name"] == name]


def all_have(crowd: Sequence[Follower], name: str, said: Sequence[Sequence[str]]) -> None:
    """Wait until all are in one room of a name with what was said on each side, in its order, once."""
    wait_until(lambda: settled(crowd, name), LONG, f"all are in one {name}")
    for one in crowd:
        one.follow(name)
    count = sum(map(len, said))
    wait_until(lambda: all(len(one.texts(name)) >= count for one in crowd), LONG, f"all lines are in {name}")
    texts = crowd[0].texts(name)
    assert all(one.texts(name) == texts for one in crowd)
    assert sorted(texts) == sorted(text for side in said for text in side)
    for side in said:
        assert [text for text in texts if text in side] == side, "what was said on one side stands in its order"


@pytest.mark.soak
@pytest.mark.parametrize("plugged", [True, False] * 5)
def test_thirty_machines_come_to_one_room_and_nothing_stays_held(gather: Crowd, plugged: bool) -> None:
    crowd = gather(30, plugged=plugged, at_once=False)
    if not plugged:
        wait_until(lambda: all(one.kept("general") for one in crowd), LONG, "each has a general of its own")
        for one in crowd:
            one.window.host.heal()
    assert come_together(crowd, "general") <= 10
    for one in crowd:
        one.window.do("send", frame={"type": "open", "name": "lunch"})
    assert come_together(crowd, "lunch") <= 10
