"""Five machines in a room: its home's is taken away, then the next home's; the first comes back."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import apsw

from tests.support.conditions import LONG, wait_until
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window

NAMES = ("ann", "bob", "cleo", "dan", "eve")


class People:
    """Somebody at each machine, all of them in one room."""

    def __init__(self, windows: dict[str, Window]) -> None:
        self.windows = windows
        self.there = dict(windows)
        self.room = ""
        self.said: list[str] = []

    def enter(self, name: str) -> None:
        for window in self.windows.values():
            window.until(lambda window=window: name in window.rooms(), LONG, "the room is found")  # type: ignore[misc]
            self.room = window.open(name)["id"]

    def say(self, who: str, text: str) -> None:
        self.there[who].say(self.room, text)
        self.said.append(text)

    def home(self) -> str:
        """Return who numbers, as far as they all agree on it."""
        homes = [who for who, window in self.there.items() if self._info(window)["kind"] == "home"]
        online = all(self._info(window)["online"] for window in self.there.values())
        return homes[0] if len(homes) == 1 and online else ""

    def see_the_same(self, within: float) -> float:
        """Wait until everything was shown to all who are there, once and in one order; gives how long it took."""
        begun = time.monotonic()
        for window in self.there.values():
            window.until(lambda window=window: set(self.said) <= set(window.texts(self.room)), within, "all is shown")  # type: ignore[misc]
        took = time.monotonic() - begun
        first, *others = [window.events(self.room) for window in self.there.values()]
        assert [event["seq"] for event in first] == list(range(1, len(self.said) + 1))
        assert all(events == first for events in others)
        return took

    def _info(self, window: Window) -> dict[str, object]:
        return next(room for room in window.rooms_shown() if room["id"] == self.room)


def voters(node: Node) -> list[str]:
    """Return who votes, as the disk of a node has it; nobody while that changes."""
    with closing(apsw.Connection(str(node.data_dir / "lanchat.db"), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        last = connection.execute("SELECT voters FROM turn WHERE voters != '' ORDER BY place DESC LIMIT 1").get
    electorate = json.loads(last or "{}")
    return [] if electorate.get("joint") else electorate.get("voters", [])


@contextmanager
def company(
    lan: Lan, programs: list[Program], folder: Path
) -> Iterator[tuple[dict[str, Host], dict[str, Node], People]]:
    with ExitStack() as stack:
        hosts = {name: lan.host(name) for name in NAMES}
        nodes, windows = dict[str, Node](), dict[str, Window]()
        for name, host in hosts.items():
            nodes[name] = Node(host, folder / name, "--name", name, *(["--room", "lounge"] if name == "ann" else []))
            stack.callback(nodes[name].end)
            windows[name] = Window(nodes[name])
            programs.append(windows[name])
        people = People(windows)
        people.enter("lounge")
        yield hosts, nodes, people


async def test_the_room_goes_on_without_its_home_then_without_the_next_and_the_first_comes_back(
    lan: Lan, programs: list[Program], tmp_path: Path
) -> None:
    with company(lan, programs, tmp_path) as (hosts, nodes, people):
        for who in NAMES:
            people.say(who, f"{who} says hello")
        people.see_the_same(LONG)
        wait_until(lambda: people.home() == "ann", what="ann's machine is home")
        wait_until(lambda: len(voters(nodes["ann"])) == len(NAMES), what="all of them vote")
        hosts["ann"].cut()
        gone = people.there.pop("ann")
        people.say("bob", "ann is away")
        took = people.see_the_same(LONG)
        print(f"all read on {took:.2f} s after the first home was gone")
        wait_until(lambda: people.home() != "", what="one of the others is home")
        next_home = people.home()
        nodes[next_home].kill()
        del people.there[next_home]
        who = next(iter(people.there))
        people.say(who, f"{next_home} is away as well")
        took = people.see_the_same(LONG)
        print(f"all read on {took:.2f} s after the second home was gone")
        hosts["ann"].heal()
        people.there["ann"] = gone
        people.say("ann", "here again")
        people.see_the_same(LONG)
        people.say("ann", "and again")
        people.see_the_same(LONG)
