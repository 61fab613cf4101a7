"""The scenarios of the bench `network`, inside the lab: `python -m tests.bench.network_lab SCENARIO NODES ROUNDS`.

Prints the figures as JSON. What happens to a network, and how, is that of the tests in tests/lab/scenarios.
"""

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from tests.bench import network_crowd
from tests.bench.network_crowd import Figure
from tests.lab.scenarios.test_doctor import FAULTS, asked, multicast_lost
from tests.lab.scenarios.test_hostile import claim
from tests.lab.scenarios.test_moving import addresses, linked
from tests.lab.scenarios.test_ways_in import no_multicast
from tests.support.conditions import LONG
from tests.support.faults import jumped
from tests.support.lan.agents import Agent, Program, Stranger, room
from tests.support.lan.hosts import Host, Lan, ip
from tests.support.lan.nodes import Node, Window

P = TypeVar("P", bound=Program)

FORGING = 10.0
"""Seconds for which somebody forges."""
CAUSES = 12


class Machines:
    """What a scenario starts, which ends with it.

    Args:
        lan: the network.
        folder: where the nodes keep their data.
    """

    def __init__(self, lan: Lan, folder: Path) -> None:
        self.lan = lan
        self._folder = folder
        self._ends: list[Callable[[], None]] = []

    def serve(self, host: Host, *options: str) -> Node:
        """Start a node."""
        node = Node(host, self._folder / host.name, "--nick", host.name, "--name", host.name, *options)
        self._ends.append(node.end)
        return node

    def look(self, node: Node) -> Window:
        """Open a window."""
        return self.keep(Window(node))

    def keep(self, program: P) -> P:
        """End a program with the scenario."""
        self._ends.append(program.end)
        return program

    def end(self) -> None:
        """End all of it."""
        for end in reversed(self._ends):
            end()


@contextlib.contextmanager
def machines() -> Iterator[Machines]:
    """A network of its own for one round."""
    with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder, Lan() as lan:
        made = Machines(lan, Path(folder))
        try:
            yield made
        finally:
            made.end()


def moved() -> dict[str, float]:
    """Give the home of a room another address: until a post of a mirror arrives, and its window shows the new one."""
    with machines() as made:
        home, _, first, second, room_id = linked(made.lan, made.serve, made.look)
        at = time.monotonic()
        home.host.take(home.host.address)
        home.host.give(made.lan.address(99))
        second.say(room_id, "to where you are now")
        first.until(lambda: "to where you are now" in first.texts(room_id))
        posted = time.monotonic() - at
        first.until(lambda: made.lan.address(99) in addresses(first)[-1])
        events = (event for event in first._events if event.get("frame", {}).get("type") == "whereabouts")
        shown = next(event["at"] for event in events if made.lan.address(99) in event["frame"]["address"]) - at
    return {
        "another address of the home: a post arrives": posted,
        "another address of the home: its window shows it": shown,
    }


def link_local() -> dict[str, float]:
    """Let two nodes have nothing but link-local addresses of IPv6."""
    with machines() as made:
        ann, bob = (made.lan.host(name, address=False) for name in ("ann", "bob"))
        home = made.serve(ann, "--room", "lounge")
        far = made.look(made.serve(bob, "--room", "den"))
        first = made.look(home)
        at = time.monotonic()
        first.open("cellar")
        far.until(lambda: "cellar" in far.rooms())
        found = time.monotonic() - at
        running = home.running
        assert running is not None
        assert running["lan"].endswith(".local:28280/"), running["lan"]
    return {"link-local addresses only: a room is found": found}


def blocked() -> dict[str, float]:
    """Block multicast: from a click, or an address that is typed, until somebody is in the room."""
    taken = {}
    for what, typed in (("a click", False), ("an address", True)):
        with machines() as made, no_multicast():
            home = made.serve(made.lan.host("ann"), "--room", "lounge")
            first, second = made.look(home), made.look(made.serve(made.lan.host("bob"), "--room", "den"))
            room_id = first.open("lounge")["id"]
            first.say(room_id, "before")
            at = time.monotonic()
            where = {"address": f"http://{home.host.address}:28280/"} if typed else {}
            second.answer("looked", second.do("send", frame={"type": "look", "ref": 1, **where}))
            second.until(lambda second=second: "lounge" in second.rooms())  # type: ignore[misc]
            second.open("lounge")
            second.until(lambda second=second, room_id=room_id: second.texts(room_id) == ["before"])  # type: ignore[misc]
            taken[f"multicast blocked: in the room after {what}"] = time.monotonic() - at
    return taken


def forged() -> dict[str, float]:
    """Let a stranger forge goodbyes and places of a room: how long it is missing, and how often it is entered."""
    with machines() as made:
        home = made.serve(made.lan.host("ann"), "--room", "lounge")
        first, second = made.look(home), made.look(made.serve(made.lan.host("bob"), "--room", "den"))
        stranger = made.keep(Stranger(made.lan.host("eve")))
        stranger.host.run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
        opened = first.open("lounge")
        second.until(lambda: "lounge" in second.rooms())
        told = {
            "node": opened["node"]["id"],
            "id": opened["id"],
            "name": "lounge",
            "label": f"lounge ({opened['id'][:6]})",
        }
        begun, tries = time.monotonic(), 0
        while time.monotonic() - begun < FORGING:
            stranger.say(claim(stranger, **told, ttl=0), claim(stranger, **told, port=6_666))
            second.open("lounge")
            second.say(opened["id"], f"still here {tries}")
            first.until(lambda tries=tries: f"still here {tries}" in first.texts(opened["id"]))  # type: ignore[misc]
            tries += 1
        second.until(lambda: "lounge" in second.rooms())
        away = _longest_without(second, "lounge", begun)
    return {
        f"forged goodbyes and places, {FORGING:g} s: the room is missing at most": away,
        "times entered meanwhile": tries,
    }


def _longest_without(window: Window, name: str, since: float) -> float:
    longest, gone = 0.0, None
    for event in list(window._events):
        frame = event.get("frame", {})
        if event["at"] < since or frame.get("type") != "rooms":
            continue
        if all(each["name"] != name for each in frame["rooms"]):
            gone = event["at"] if gone is None else gone
        elif gone is not None:
            longest, gone = max(longest, event["at"] - gone), None
    return longest


def diagnosis() -> dict[str, float]:
    """Inject each of the faults, and repair it: how many are named, with nothing beside, and how long that takes."""
    named, quiet, longest = 0, 0, 0.0

    def names(window: Window, *causes: str) -> bool:
        nonlocal longest
        deadline = time.monotonic() + LONG
        while True:
            at = time.monotonic()
            found = asked(window)
            longest = max(longest, time.monotonic() - at)
            if found == list(causes) or at > deadline:
                return found == list(causes)

    with machines() as made:
        nodes = []
        for name, opened in (("ann", "lounge"), ("bob", "den")):
            host = made.lan.host(name)
            host.run("ip", "route", "add", "default", "via", made.lan.address(1))
            nodes.append(made.serve(host, "--room", opened))
        node, window = nodes[1], made.look(nodes[1])
        window.until(lambda: "lounge" in window.rooms())
        window.open("lounge")
        ip("addr", "add", f"{made.lan.address(1)}/24", "dev", made.lan.bridge)
        quiet += names(window)
        here = [(break_it(node.host), (cause,)) for break_it, cause in FAULTS]
        clock: AbstractContextManager[object] = jumped(node.clock, 7_200)
        for fault, causes in [*here, (clock, ("clock",))]:
            with fault:
                named += names(window, *causes)
            quiet += names(window)
        with multicast_lost(node.host):
            node.stop()
            node.again()  # whom it found before, it would still know
            again = made.look(node)
            named += names(again, "multicast_lost")
        quiet += names(again)
        agent = made.keep(Agent(made.lan.host("cleo"), "--name", "bob"))  # it answers as an older version did
        agent.advertise(room("attic"))
        named += 2 * names(again, "other_version", "same_name")
    return {
        f"faults that the diagnosis names, of {CAUSES}": named,
        "networks without a fault of which it names none, of 11": quiet,
        "the longest diagnosis": longest,
    }


_MOST = {
    "another address of the home: a post arrives": 3.0,
    "another address of the home: its window shows it": 3.0,
    "link-local addresses only: a room is found": 5.0,
    "multicast blocked: in the room after a click": 5.0,
    "multicast blocked: in the room after an address": 5.0,
    f"forged goodbyes and places, {FORGING:g} s: the room is missing at most": 1.0,
    "the longest diagnosis": 8.0,
}
"""Seconds: what is to be reached."""
_LEAST = {
    "faults that the diagnosis names, of 12": 12.0,
    "networks without a fault of which it names none, of 11": 11.0,
}
_SCENARIOS = {each.__name__: each for each in (moved, link_local, blocked, forged, diagnosis)}


def main(scenario: str, nodes: int, rounds: int) -> list[Figure]:
    """Let one scenario happen, and return its figures."""
    if scenario in {"crowd", "guests"}:
        with tempfile.TemporaryDirectory(prefix="lanchat-bench-") as folder:
            return (
                network_crowd.crowd(nodes, Path(folder)) if scenario == "crowd" else network_crowd.guests(Path(folder))
            )
    taken = [_SCENARIOS[scenario]() for _ in range(1 if scenario == "diagnosis" else rounds)]
    return [_figure(what, [each[what] for each in taken]) for what in taken[0]]


def _figure(what: str, values: list[float]) -> Figure:
    figure: Figure = {"what": what, "values": values, "unit": "s" if what in _MOST else ""}
    if what in _MOST:
        return figure | {"most": _MOST[what]}
    return figure | ({"least": _LEAST[what]} if what in _LEAST else {})


if __name__ == "__main__":
    assert os.environ.get("LAN_LAB"), "this part of the bench runs inside tests/support/lan/lab"
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
