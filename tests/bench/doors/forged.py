"""What forged advertisements cost a node, and whether real rooms can still be found and joined."""

import json
import math
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.bench.doors import inside
from tests.bench.rows import Row, plain
from tests.support.conditions import wait_until
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window

NAME = "doors"
MOST_ROWS = 200
MOST_CPU = 30.0
"""Hundredths of a core."""
MOST_SECONDS = 3.0
"""Until a room is joined: all of them are to be reached."""
ADDRESSES = 100
"""So many addresses has the machine of who forges."""
_FIRST = 100
_PATIENCE = 120.0
_CLOCK_OF_PROCESS = 2


class Forgery(Program):
    """A process of `tests.bench.doors.forger`."""

    def __init__(self, host: Host, real: dict[str, Any], adverts: int, seconds: float) -> None:
        addresses = [host.lan.address(_FIRST + number) for number in range(ADDRESSES)]
        for address in addresses:
            host.give(address)
        host.run("ip", "route", "add", "224.0.0.0/4", "dev", "eth0")
        options = [json.dumps(addresses), json.dumps(real), str(adverts), str(adverts / seconds)]
        super().__init__(host, "tests.bench.doors.forger", *options)
        self.event("armed", within=_PATIENCE)

    def begin(self) -> None:
        """Begin to advertise."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def measure(*, seconds: float, adverts: int) -> list[Row]:
    """Advertise so long, and meanwhile join rooms: one seen before, a new one of a known node, one of a new node."""
    with Lan() as lan, tempfile.TemporaryDirectory() as directory, ExitStack() as stack:

        def node(name: str) -> Node:
            started = Node(lan.host(name), Path(directory, name), "--name", name, "--room", f"room of {name}")
            stack.callback(started.end)
            return started

        def window(of: Node) -> Window:
            opened = Window(of)
            stack.callback(opened.end)
            return opened

        here, there = node("here"), node("there")
        owner, host = window(here), window(there)
        real = _own(host, "room of there")
        owner.until(lambda: real["id"] in {room["id"] for room in owner.rooms_shown()}, what="the real room is seen")
        forgery = Forgery(lan.host("evil"), _advert(there, real), adverts, seconds)
        stack.callback(forgery.end)
        watch = _Watch(here, owner, {room["id"]: room for room in [real]})
        forgery.begin()
        watch.until(seconds / 4)
        took = [_joined(owner, time.monotonic(), room=real["id"])]
        watch.until(seconds / 2)
        new = watch.genuine(host.open("opened meanwhile"))
        took.append(_joined(owner, time.monotonic(), room=new["id"]))
        late = node("late")
        listens = time.monotonic()
        its_own = window(late)
        watch.genuine(_own(its_own, "room of late"))
        took.append(_joined(owner, listens, name="room of late"))
        took.append(took[-1] + listens - _shown(its_own, "room of late"))
        watch.until(seconds)
        said = forgery.event("done", within=_PATIENCE)
        inside.tell(f"{said['sent']} sent, {said['asked']} connections, {said['answered']} answers")
    what = f"{adverts:,} forged advertisements in {seconds:g} s"
    return [
        plain(NAME, f"{what}: rows of others' rooms", [watch.rows], "", most=MOST_ROWS),
        plain(NAME, f"{what}: rows that look like the real ones", [watch.forged], "", most=0),
        plain(NAME, f"{what}: CPU of a core", [watch.busy], "%", most=MOST_CPU),
        plain(NAME, f"{what}: memory", [watch.grown], "MB"),
        plain(NAME, f"{what}: a room seen before is joined", took[:1], "s", most=MOST_SECONDS),
        plain(NAME, f"{what}: a new room of a node seen before is joined", took[1:2], "s", most=MOST_SECONDS),
        plain(NAME, f"{what}: a room of a new node is joined", took[2:3], "s", most=MOST_SECONDS),
        plain(NAME, f"{what}: the same since that node has it", took[3:], "s", most=MOST_SECONDS),
    ]


class _Watch:
    """Looks at a node meanwhile, and at what its owner is shown.

    Args:
        node: the node.
        window: its owner's.
        real: the real rooms by id, as their own nodes show them.

    Attributes:
        rows: most rooms of others that were shown at once.
        forged: most that looked like a real one: one's id at another node, or an owner that is proven.
        busy: hundredths of a core that the node took.
        grown: megabytes by which it grew.
    """

    def __init__(self, node: Node, window: Window, real: dict[str, dict[str, Any]]) -> None:
        self.rows = self.forged = 0
        self.busy = self.grown = 0.0
        self._window = window
        self._shown: object = None
        self._real = real
        self._process = psutil.Process(node.process.pid)
        self._clock = ~node.process.pid << 3 | _CLOCK_OF_PROCESS
        self._used = time.clock_gettime(self._clock)
        self._memory = self._process.memory_full_info().uss
        self._began = time.monotonic()

    def genuine(self, room: dict[str, Any]) -> dict[str, Any]:
        """Note a room as a real one."""
        self._real[room["id"]] = room
        return room

    def until(self, seconds: float) -> None:
        """Look until so many seconds after the beginning."""
        wait_until(lambda: self._look() >= seconds, seconds + _PATIENCE, f"{seconds:g} s have passed")
        self.busy = 100 * (time.clock_gettime(self._clock) - self._used) / (time.monotonic() - self._began)
        self.grown = (self._process.memory_full_info().uss - self._memory) / 1e6

    def _look(self) -> float:
        """Look at the list, if it is another one; gives how long it is since the beginning."""
        shown = self._window.rooms_shown()
        if shown is not self._shown:
            self._judge([room for room in shown if room["kind"] == "found"])
            self._shown = shown
        return time.monotonic() - self._began

    def _judge(self, found: list[dict[str, Any]]) -> None:
        self.rows = max(self.rows, len(found))
        self.forged = max(self.forged, sum(map(self._looks_real, found)))

    def _looks_real(self, room: dict[str, Any]) -> bool:
        real = self._real.get(room["id"])
        if real is None:
            return bool(room.get("owner"))
        return bool(room["node"]["id"] != real["node"]["id"])


def _own(window: Window, name: str) -> dict[str, Any]:
    """Return a room that a node has itself, as it shows that to its owner."""
    window.until(lambda: name in window.rooms(), what=f"{name} is open")
    return window.rooms()[name]


def _shown(window: Window, name: str) -> float:
    """Return when a node first showed its owner a room of this name."""
    lists = (event for event in window._events if event.get("frame", {}).get("type") == "rooms")
    at: float = next(event["at"] for event in lists if name in {room["name"] for room in event["frame"]["rooms"]})
    return at


def _advert(node: Node, room: dict[str, Any]) -> dict[str, Any]:
    """Return all that is known of a real room by who is on its network."""
    assert node.running is not None
    port = urlsplit(node.running["lan"]).port
    there = {"address": node.host.address, "port": port, "node": room["node"]["id"], "nn": room["node"]["name"]}
    return {"id": room["id"], "name": room["name"], "owner": room["owner"], "salt": room["salt"], **there}


def _joined(window: Window, since: float, **which: str) -> float:
    """Open a room by its id or name, enter it, and say something there; gives how long that took since then."""
    try:
        room = wait_until(lambda: _opened(window, which), _PATIENCE, "it can be opened")
    except AssertionError:
        return math.inf
    window.join(room)
    nonce = window.say(room, "here")
    window.until(lambda: nonce in {event["nonce"] for event in window.events(room)}, what="it is back")
    return time.monotonic() - since


def _opened(window: Window, which: dict[str, str]) -> str:
    """Ask for a room, and wait for the answer; gives its id, or nothing when nobody has it."""
    since = window.do("send", frame={"type": "open", "create": False} | which)
    try:
        room: str = window.answer("opened", since)["room"]["id"]
    except AssertionError:
        return ""
    return room


if __name__ == "__main__":
    inside.begin(measure)
