"""An evening: five machines, people who type in real browsers, and the machine of the home is taken away, twice."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from tests.lab.scenarios.test_takeover import NAMES, all_vote
from tests.page.heard import Heard, moved
from tests.page.person import Person
from tests.support.conditions import LONG, eventually, wait_until
from tests.support.lan.browsers import Come, browsers, window_of
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node

ROOM = "lounge"
PORT = 28_280


class Evening:
    """Five machines in one room, and the people before their browsers.

    Args:
        nodes: by the names of their owners.
        come: brings people.

    Attributes:
        people: who is there.
    """

    def __init__(self, nodes: dict[str, Node], come: Come) -> None:
        self._nodes = nodes
        self._come = come
        self._gone: list[str] = []
        self._guests: dict[str, Heard] = {}
        self._said: list[str] = []
        self.people: dict[str, Person] = {}

    @property
    def home(self) -> str:
        """Whose node most of them follow, as their disks have it."""
        told = [followed(node) for name, node in self._nodes.items() if name not in self._gone]
        return max(told, key=told.count)

    async def sit_down(self, name: str) -> None:
        """Let somebody open the window of their own node."""
        self.people[name] = await self._come(self._nodes[name].host, window_of(self._nodes[name], ROOM))

    async def visit(self, name: str, host: Host, at: str) -> None:
        """Let a guest on a machine of theirs come to somebody's node, and wait until they know where else to go."""
        guest = self.people[name] = await self._come(host, "about:blank", wait=False)
        self._guests[name] = Heard(guest.page)
        await guest.go(f"{self._url(at)}?room={ROOM}")
        await self._know(name, len(self._nodes) - 1)

    async def say(self, when: str, *names: str) -> None:
        """Let these people say something, one after the other."""
        for name in names:
            await self.people[name].say(f"{name} {when}")
            self._said.append(f"{name} {when}")

    async def see_the_same(self) -> None:
        """Wait until all pages show everything that was said; see that each has it once, all in one order."""
        for name in self.people:
            await self._shown(name)
        shown = {name: await self._texts(person) for name, person in self.people.items()}
        first = next(iter(shown.values()))
        assert sorted(first) == sorted(self._said)
        assert all(texts == first for texts in shown.values()), shown

    async def take_away(self, name: str) -> None:
        """Take somebody's machine away while everybody else types; its guests go elsewhere by themselves."""
        begun = time.monotonic()
        leaving = [guest for guest in self._guests if self._url(name) in self.people[guest].page.url]
        self._nodes[name].host.vanish()
        self._nodes[name].end()
        self._gone.append(name)
        del self.people[name]
        await self.say(f"without {name}", *(one for one in self.people if one not in leaving))
        await self._shown(next(one for one in self.people if one not in leaving))
        print(f"{time.monotonic() - begun:.1f} s from the end of {name}'s machine until all was shown to the others")
        for guest in leaving:
            await moved(self.people[guest], *(self._url(gone).split("/")[2] for gone in self._gone))
            print(f"{time.monotonic() - begun:.1f} s until {guest} was in the room at another one")
        await self.say(f"at another machine than {name}'s", *leaving)
        for guest in self._guests:
            await self._know(guest, 1)

    async def bring_back(self, name: str) -> None:
        """Put somebody's machine back, with the disk that it had."""
        self._nodes[name].host.appear()
        self._nodes[name].again()
        self._gone.remove(name)
        await self.sit_down(name)

    async def _know(self, guest: str, least: int) -> None:
        heard, most = self._guests[guest], len(self._nodes)
        known = f"{guest} knows where else to go"
        await eventually(lambda: any(heard.knows(count) for count in range(least, most)), LONG, known)

    async def _shown(self, name: str) -> None:
        """Wait until somebody is shown everything."""

        async def has_all() -> bool:
            missing = set(self._said) - set(await self._texts(self.people[name]))
            assert not missing, f"{sorted(missing)} are missing"
            return True

        _: bool = await eventually(has_all, LONG, f"everything is shown to {name}")

    def _url(self, name: str) -> str:
        return f"http://{self._nodes[name].host.address}:{PORT}/"

    @staticmethod
    async def _texts(person: Person) -> list[str]:
        return await person.see("message-text").all_inner_texts()


def followed(node: Node) -> str:
    """Return the name of the node that a node takes for the home of the room, as its disk has it."""
    with closing(apsw.Connection(str(node.data_dir / "lanchat.db"), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        return str(connection.execute("SELECT home_name FROM room WHERE name = ?", (ROOM,)).get)


@contextmanager
def five_machines(lan: Lan, folder: Path) -> Iterator[dict[str, Node]]:
    nodes: dict[str, Node] = {}
    try:
        for name in NAMES:
            opens = ["--room", ROOM] if name == NAMES[0] else []
            nodes[name] = Node(lan.host(name), folder / name, "--name", name, "--nick", name, *opens)
        yield nodes
    finally:
        for node in nodes.values():
            node.end()


async def test_the_room_goes_on_in_all_browsers_without_its_home_and_without_the_next(
    lan: Lan, nothing_left: None, tmp_path: Path
) -> None:
    """Six browsers and more at once, two machines that are missed for seconds, and guests who have to notice that."""
    with five_machines(lan, tmp_path) as nodes:
        async with browsers(tmp_path) as come:
            evening = Evening(nodes, come)
            for name in NAMES:
                await evening.sit_down(name)
            wait_until(lambda: all_vote(nodes), what="all of them vote")
            for guest, at in (("gina", "ann"), ("gus", "bob")):
                await evening.visit(guest, lan.host(guest), at)
            await evening.say("says hello", *evening.people)
            await evening.see_the_same()
            await evening.take_away("ann")
            await evening.see_the_same()
            await eventually(lambda: evening.home != "ann", LONG, "another node is home")
            await evening.take_away(evening.home)
            await evening.see_the_same()
            await evening.bring_back("ann")
            await evening.say("is glad that ann is back", *evening.people)
            await evening.see_the_same()
            problems = [problem for person in evening.people.values() for problem in person.problems]
            assert problems == []
