"""Two desktops and a guest with a browser: the cable of each is pulled in turn while all of them type."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.page.person import Person
from tests.support.lan.agents import Program
from tests.support.lan.browsers import browser
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window

CATCH_UP = 45.0
"""Seconds until all show the same again; a silent connection is given up after 25."""


class Three:
    """What Ann and Bob with their desktops and Cleo with a browser say in one room.

    Attributes:
        said: what each has said so far.
    """

    def __init__(self, room: str, ann: Window, bob: Window, cleo: Person) -> None:
        self.said: dict[str, list[str]] = {"ann": [], "bob": [], "cleo": []}
        self._room = room
        self._ann = ann
        self._bob = bob
        self._cleo = cleo

    async def type(self, when: str) -> None:
        """Each says two things, in turn."""
        for number in (1, 2):
            texts = {name: f"{name} {when} {number}" for name in self.said}
            self._ann.say(self._room, texts["ann"])
            self._bob.say(self._room, texts["bob"])
            await self._cleo.say(texts["cleo"])
            for name, text in texts.items():
                self.said[name].append(text)

    async def see_the_same(self) -> None:
        """Wait until everything was shown to all three, and see that it is the same, once, and in one order."""
        count = sum(len(texts) for texts in self.said.values())
        for window in (self._ann, self._bob):
            self._wait_for(window, count)
        shown = self._ann.events(self._room)
        assert self._bob.events(self._room) == shown
        assert [event["seq"] for event in shown] == list(range(1, count + 1))
        texts = self._ann.texts(self._room)
        await self._cleo.reads(*texts)
        assert {name: [text for text in texts if text.startswith(name)] for name in self.said} == self.said

    def _wait_for(self, window: Window, count: int) -> None:
        window.until(lambda: len(window.texts(self._room)) >= count, CATCH_UP, "everything is shown")


async def test_each_cable_is_pulled_in_turn_while_all_type(lan: Lan, programs: list[Program], tmp_path: Path) -> None:
    ann, bob, cleo = (lan.host(name) for name in ("ann", "bob", "cleo"))
    with serving(ann, tmp_path, "--room", "lounge") as home, serving(bob, tmp_path) as mirror:
        first, second = Window(home), Window(mirror)
        programs += first, second
        room = first.open("lounge")["id"]
        second.until(lambda: "lounge" in second.rooms(), 10)
        second.open("lounge")
        async with browser(cleo, tmp_path, f"http://{ann.address}:28280/") as guest:
            three = Three(room, first, second, guest)
            for host in (ann, bob, cleo):
                await three.type(f"before {host.name}'s cable is out")
                host.cut()
                await three.type(f"while {host.name}'s cable is out")
                if host is ann:
                    # So long that the others notice, once; the other two cables are back before anybody does.
                    second.until(lambda: not second.rooms()["lounge"]["online"], CATCH_UP, "Ann is gone")
                    await three.type("while nobody reaches Ann")
                host.heal()
            await three.type("in the end")
            await three.see_the_same()


@contextmanager
def serving(host: Host, folder: Path, *options: str) -> Iterator[Node]:
    node = Node(host, folder / host.name, "--nick", host.name, *options)
    try:
        yield node
    finally:
        node.end()
