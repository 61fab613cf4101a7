"""Five machines in a room: its home's is taken away, then the next home's; the first comes back."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import apsw
from playwright.async_api import expect

from tests.page.heard import DRAFT, SAY, Heard, moved
from tests.page.person import Person
from tests.support.conditions import LONG, eventually, wait_until
from tests.support.lan.agents import Program
from tests.support.lan.browsers import browser
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


_WHO_VOTES = """
SELECT voters FROM turn JOIN room ON room.id = turn.room
WHERE room.name = ? AND voters != '' ORDER BY place DESC LIMIT 1
"""


def voters(node: Node, room: str = "lounge") -> list[str]:
    """Return who votes in a room, as the disk of a node has it; nobody while that changes."""
    with closing(apsw.Connection(str(node.data_dir / "lanchat.db"), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        last = connection.execute(_WHO_VOTES, (room,)).get
    electorate = json.loads(last or "{}")
    return [] if electorate.get("joint") else electorate.get("voters", [])


def all_vote(nodes: dict[str, Node]) -> bool:
    """Whether every disk has it that all vote: who has not heard of it yet would not."""
    return all(len(voters(node)) == len(NAMES) for node in nodes.values())


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
        wait_until(lambda: all_vote(nodes), what="all of them vote, and know it")
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


async def test_the_guests_of_a_machine_that_is_gone_are_in_the_room_at_another_one(
    lan: Lan, programs: list[Program], tmp_path: Path
) -> None:
    with company(lan, programs, tmp_path) as (hosts, nodes, people):
        wait_until(lambda: people.home() == "ann", what="ann's machine is home")
        wait_until(lambda: all_vote(nodes), what="all of them vote, and know it")
        phone = lan.host("phone")
        async with browser(phone, tmp_path, f"http://{hosts['ann'].address}:28280/?room=lounge") as guest:
            await in_the_room(guest, len(NAMES) - 1)
            await guest.say("hello from a browser")
            people.said.append("hello from a browser")
            people.see_the_same(LONG)
            gone = ["ann"]
            await without(guest, people, hosts, nodes, gone)
            at = next(name for name, host in hosts.items() if host.address in guest.page.url)
            wait_until(lambda: people.home() != "", what="one of the others is home")
            # Then the one to which they have gone.
            await in_the_room(guest, len(NAMES) - 2)
            gone.append(at)
            await without(guest, people, hosts, nodes, gone)
            # Whose own cable is out goes nowhere: nobody could be reached.
            where = guest.page.url
            phone.cut()
            await eventually(lambda: guest.page.evaluate("!navigator.onLine"), what="the browser has no network")
            await guest.say("from behind the cut")
            phone.heal()
            people.said.append("from behind the cut")
            people.see_the_same(LONG)
            await guest.reads(*people.said)
            assert guest.page.url == where
            assert guest.problems == []


async def in_the_room(guest: Person, others: int) -> None:
    """Load the page again, and wait until it knows of so many other machines."""
    heard = Heard(guest.page)
    await guest.page.reload()
    await guest.connected()
    await eventually(lambda: heard.knows(others), LONG, "the page knows where else it could be")


async def without(
    guest: Person, people: People, hosts: dict[str, Host], nodes: dict[str, Node], gone: list[str]
) -> None:
    """Take the machine of the last of these away, while its guest says something, and see that everybody reads it."""
    name = gone[-1]
    await guest.see("composer").fill(f"{name} is gone")
    hosts[name].pull_out()
    begun = time.monotonic()
    await guest.page.evaluate(SAY)
    nodes[name].kill()
    del people.there[name]
    people.said.append(f"{name} is gone")
    await moved(guest, *(f"{hosts[name].address}:28280" for name in gone))
    print(f"in the room at another machine {time.monotonic() - begun:.1f} s after {name}'s was gone")
    people.see_the_same(LONG)
    await guest.reads(*people.said)
    await expect(guest.see("composer")).to_have_value(DRAFT)
