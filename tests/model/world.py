"""A home, a mirror of its room, three people, the cables between them, and what may happen to all of that.

Everything is a real part of the product but the network, the clock and the people. A step is one thing that happens;
`settled` mends everything and says which promises were broken.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

import apsw

from lanchat import protocol
from lanchat.archive import set_aside
from lanchat.identity import check as check_signature
from lanchat.identity import shown
from lanchat.journal import RoomRecord, schema, writer
from lanchat.journal.repair import opening
from lanchat.lan.connection import connection as client
from lanchat.lan.link import dialler, link, stream
from lanchat.protocol import Event, Kind
from lanchat.rooms import presence as rooms
from lanchat.sessions import subscription
from tests.model.clockwork import Clockwork
from tests.model.machine import Disks, Machine
from tests.model.person import Person
from tests.support.checker import Entry, History, check

PEOPLE = ("ann", "bob", "eve")
"""A window at the home, a guest at the home, and a window at the mirror's node."""
MACHINES = ("home", "far")
LINES = (*PEOPLE, "link")
ROOM = "5" * 32
"""The id of the only room."""
_NEVER = 1e9
_PAGE = 4
"""Most events in a page of the link: many pages are few events."""


class World:
    """Use it with `with`.

    Args:
        folder: for the disks.
        seed: decides all timing.
        beating: whether there are heartbeats, and the layer may lose messages. Without them it loses none, and
            everybody has to get everything all the same.
    """

    def __init__(self, folder: Path, seed: int, *, beating: bool) -> None:
        self.chance = Random(seed)
        self.beating = beating
        self.loop = Clockwork(self.chance)
        self.history = History()
        self.machines = {name: Machine(name, folder, self.chance) for name in MACHINES}
        self.home, self.far = self.machines.values()
        self.lines = {
            "ann": self.home.line("window"),
            "bob": self.home.line("network"),
            "eve": self.far.line("window"),
            "link": self.home.line("network"),
        }
        self.people = {name: self._person(name) for name in PEOPLE}
        self._in_order = True
        self._gone: set[str] = set()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            for target, name, new in self._patches():
                stack.enter_context(patch.object(target, name, new))
            stack.callback(self.loop.close)
            self.do(self._begin())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self.do(self._end())

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the world, and wait until it is done."""
        self.loop.run_until_complete(work)

    def settled(self) -> list[str]:
        """Mend everything, let everybody come to rest, and say what was lost, doubled or in another order."""
        self.do(self._mend())
        self.loop.run_for(45 if self.beating else 8)
        if any(person.outbox for person in self.people.values()):
            self.do(self._reload())
            self.loop.run_for(45 if self.beating else 8)
        faults: list[str] = []
        self.do(self._judge(faults))
        return faults

    async def say(self, who: str, count: int) -> None:
        for _ in range(count):
            await self.people[who].say()

    async def change(self, who: str, kind: Kind, place: int) -> None:
        person = self.people[who]
        messages = [event for event in person.events if event.kind == "message"]
        if messages:
            await person.say(kind, messages[place % len(messages)].nonce)

    async def repeat(self, who: str, place: int) -> None:
        person = self.people[who]
        if person.events:
            await person.repeat(person.events[place % len(person.events)].seq)

    async def come_anew(self, who: str) -> None:
        await self.people[who].come_anew()

    async def cut(self, line: str) -> None:
        self.lines[line].cut()

    async def sever(self, line: str) -> None:
        self.lines[line].sever()

    async def stall(self, line: str) -> None:
        self.lines[line].stall()

    async def mend(self, line: str) -> None:
        self.lines[line].mend()

    async def lose(self, machine: str, count: int) -> None:
        if self.beating:
            self.machines[machine].losing = count

    async def restart(self, machine: str) -> None:
        await self.machines[machine].stop()
        await self.machines[machine].start()

    async def crash(self, machine: str) -> None:
        cable = self.lines["link"]
        whole = cable.whole
        if machine == "far":
            cable.cut()  # a dying node connects to nobody
        await self.machines[machine].crash()
        cable.whole = whole

    async def fill(self, machine: str) -> None:
        self.machines[machine].disk_full = True
        self._in_order = False  # what was refused for a while comes later

    async def free(self, machine: str) -> None:
        self.machines[machine].disk_full = False

    async def back_up(self) -> None:
        self.home.back_up()

    async def restore(self) -> None:
        gone = await self.home.restore()
        if gone:
            self._gone |= gone
            self._in_order = False  # what went with the disk may be said again

    async def wait(self) -> None:
        """Nothing happens."""

    async def _begin(self) -> None:
        for machine in self.machines.values():
            await machine.start()
        home = self.home.running
        await home.rooms.settle(RoomRecord(id=ROOM, name="shared", home=home.info))
        record = RoomRecord(id=ROOM, name="shared", home=self.home.running.info, addresses=("home:1",))
        with patch.object(self.far.running.network, "find", lambda **_: record):
            await self.far.running.rooms.enter(ROOM)
        for person in self.people.values():
            person.come()

    def _patches(self) -> Iterator[tuple[object, str, object]]:
        yield time, "monotonic", self.loop.time
        yield set_aside, "BETWEEN", 0.0  # a home loses its data more than once an hour here
        yield dialler, "dial", self.lines["link"].dial
        yield dialler, "random", self.chance
        yield dialler, "LONGEST_PAUSE", 0.5
        for module in (link, stream, subscription):
            yield module, "MAX_PAGE", _PAGE
        yield writer, "atomic", Disks(self.home, self.far).atomic
        yield opening, "open_writer", _open_quickly
        if not self.beating:
            yield protocol, "HEARTBEAT", _NEVER
            yield rooms, "HEARTBEAT", _NEVER
            yield client, "SILENCE", _NEVER

    def _person(self, name: str) -> Person:
        return Person(
            name,
            "guest" if name == "bob" else "window",
            ROOM,
            self.lines[name].dial,
            history=self.history,
            chance=self.chance,
        )

    async def _mend(self) -> None:
        for cable in self.lines.values():
            cable.mend()
        for machine in self.machines.values():
            machine.disk_full = False

    async def _reload(self) -> None:
        """Let those who still wait come back: a refusal that the layer lost is told again, if the layer brings it."""
        for machine in self.machines.values():
            machine.losing = 0
        for person in self.people.values():
            if person.outbox:
                await person.reconnect()

    async def _judge(self, faults: list[str]) -> None:
        kept, copied = await self.home.events(ROOM), await self.far.events(ROOM)
        if copied != kept:
            faults.append(f"the mirror has {_short(copied)}, its home {_short(kept)}")
        for event in kept:
            check_signature(event)
        for person in self.people.values():
            faults += person.faults
            if person.events != [shown(event) for event in kept]:
                faults.append(f"{person.name} shows {_short(person.events)}, the home keeps {_short(kept)}")
            if person.outbox:
                faults.append(f"{person.name} still waits for {sorted(person.outbox)}")
            for event in person.events:
                self.history.see(person.name, Entry(event.room, event.seq, event.nonce))
        waiting = await self.far.running.journal.outbox(ROOM)
        if waiting:
            faults.append(f"in the mirror still wait {[draft.nonce for _, draft in waiting]}")
        self.history.ok -= self._gone
        journals = [machine.journal() for machine in self.machines.values()]
        verdict = check(self.history, journals, authors_in_order=self._in_order)
        faults += [f"{kind}: {fault}" for kind, found in verdict.faults.items() for fault in found]

    async def _end(self) -> None:
        for person in self.people.values():
            await person.go()
        for machine in reversed(self.machines.values()):
            await machine.stop()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest)


def _open_quickly(path: Path) -> apsw.Connection:
    """Open a journal whose commits do not wait for the disk: no power is cut here."""
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "off")
        schema._prepare(connection, path)
    connection = schema.open_writer(path)
    connection.pragma("synchronous", "off")
    return connection


def _short(events: Sequence[Event]) -> str:
    return " ".join(f"{event.seq}:{event.nonce!r}" for event in events) or "nothing"
