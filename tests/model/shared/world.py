"""Three hosts that share a room through one Redis, somebody at each, the cables, and what may happen to all of that.

Everything is a real part of the product but clock, network and people; the scripts run in a real server. A step is
one thing that happens; `settled` mends everything and says which promises were broken.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from lanchat.identity import check as check_signature
from lanchat.journal import RoomRecord, writer
from lanchat.journal.repair import opening
from lanchat.lan.shared import filling, history, link, passing
from lanchat.lan.shared import rooms as shared
from lanchat.layers.redis.connection import connection
from lanchat.protocol import Event, Kind, room_id
from lanchat.rooms import succession
from tests.model.clockwork import Clockwork
from tests.model.machine import Disks
from tests.model.shared.deployment import PlayedDeployment, PlayedRedis, node_of
from tests.model.shared.engine import Engine
from tests.model.shared.host import PREFIX, Host
from tests.model.shared.server import KINDS
from tests.model.shared.speaker import Speaker
from tests.model.world import _open_quickly
from tests.support.checker import Entry, History, check
from tests.support.faults import lasting
from tests.support.identity import key

NAMES = ("ann", "bob", "eve")
"""The hosts, and who is there. The room is ann's."""
_SALT = "5" * 32
_PAGE = 4
"""Most events that are asked for, or brought back, at once: many pages are few events."""
_QUIET = 2.0
_PATIENCE = 40.0


class World:
    """Use it with `with`.

    Args:
        folder: for the disks.
        port: where a Redis server listens on loopback, of which nobody else makes use.
        seed: decides all timing, and what kind of Redis it is.
    """

    def __init__(self, folder: Path, port: int, seed: int) -> None:
        self.chance = Random(seed)
        self.loop = Clockwork(self.chance)
        self.history = History()
        self.faults: list[str] = []
        self.engine = Engine(port)
        owner = key(1)
        record = RoomRecord(room_id(owner.id, _SALT), "shared", succession.SHARED, owner=owner.id, salt=_SALT)
        self._keys = f"{PREFIX}:{{{record.id}}}:"
        self.redis = PlayedRedis(self.engine, self.chance.choice(KINDS), self.chance, f"{self._keys}head")
        self.hosts = {
            name: Host(key(number), name, folder, self.redis, record, self.chance, self.faults)
            for number, name in enumerate(NAMES, 1)
        }
        self.people = {
            name: Speaker(name, host, self.history, owner=name == NAMES[0]) for name, host in self.hosts.items()
        }
        self._in_order = True
        self._together = True
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.callback(self.engine.close)
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
        self._rest()
        self.do(self._say_again())
        self._rest()
        faults = [*self.faults, *self.redis.faults]
        self.do(self._judge(faults))
        return faults

    async def say(self, who: str, count: int) -> None:
        for _ in range(count):
            self.people[who].say()

    async def change(self, who: str, kind: Kind, place: int) -> None:
        messages = [event for event in self.people[who].events if event.kind == "message"]
        if messages:
            self.people[who].say(kind, messages[place % len(messages)].nonce)

    async def rule(self) -> None:
        self.people[NAMES[0]].rule()

    async def say_elsewhere(self, who: str, where: str) -> None:
        if self.people[who].say_at(self.hosts[where]):
            self._in_order = False  # what waits at the one host may be something else than at the other

    async def say_again(self, who: str) -> None:
        self.people[who].say_again()

    async def come_anew(self, who: str) -> None:
        self.people[who].come_anew()

    async def cut(self, name: str) -> None:
        self._together = False
        self.hosts[name].cable.cut()

    async def say_late(self, name: str, count: int) -> None:
        """Let what is said be on its way for as long as the cable holds it back."""
        self._together = False
        await self.say(name, count)
        await lasting(self.chance.choice((0.0005, 0.001, 0.005, 0.05)))
        self.hosts[name].cable.stall()

    async def sever(self, name: str) -> None:
        self._together = False
        self.hosts[name].cable.sever()

    async def stall(self, name: str) -> None:
        self._together = False
        self.hosts[name].cable.stall()

    async def mend(self, name: str) -> None:
        self.hosts[name].cable.mend()

    async def kill(self) -> None:
        await self.redis.kill()

    async def start(self) -> None:
        await self.redis.start()

    async def kill_and_start(self) -> None:
        await self.redis.kill()
        await self.redis.start()

    async def flush(self) -> None:
        if self.redis.running:
            self.redis.server.flush()

    async def evict(self, key: str) -> None:
        if self.redis.running:
            self.redis.server.evict(self._keys + key)

    async def forget_scripts(self) -> None:
        self.redis.server.forget_scripts()

    async def fail_over(self, *left: str) -> None:
        self._together = self._together and not left
        await self.redis.fail_over(*left)

    async def end_former(self) -> None:
        await self.redis.end_former()

    async def sync(self, whose: str) -> None:
        server = self.redis.server
        server.sync(server.disk if whose == "disk" else server.replica)

    async def stick(self, whose: str, *, stuck: bool) -> None:
        server = self.redis.server
        (server.disk if whose == "disk" else server.replica).stuck = stuck

    async def restart(self, name: str) -> None:
        self._together = False
        await self.hosts[name].stop()
        await self.hosts[name].start()

    async def crash(self, name: str) -> None:
        self._together = False
        await self.hosts[name].crash()

    async def fill(self, name: str) -> None:
        self._together = False
        self.hosts[name].disk_full = True
        self._in_order = False  # what was refused for a while comes later

    async def free(self, name: str) -> None:
        self.hosts[name].disk_full = False

    async def wait(self) -> None:
        """Nothing happens."""

    async def _begin(self) -> None:
        """Let the hosts be a company: what is lost before each knows of it parts them for good."""
        for host in self.hosts.values():
            await host.start()
        self.people[NAMES[0]].say()
        for host in self.hosts.values():
            await host.belongs()

    def _patches(self) -> Iterator[tuple[object, str, object]]:
        yield time, "monotonic", self.loop.time
        yield shared, "deployment_of", self._deployment
        yield passing, "TopicHints", partial(passing.TopicHints, self.loop.time)
        yield link, "random", self.chance
        for module in (link, filling, history):
            yield module, "MAX_PAGE", _PAGE
        yield connection, "random", self.chance
        yield writer, "atomic", Disks(*self.hosts.values()).atomic
        yield opening, "open_writer", _open_quickly

    def _deployment(self, url: str, timeout: float) -> PlayedDeployment:
        return self.hosts[node_of(url)].deployment()

    async def _mend(self) -> None:
        await self.redis.end_former()
        await self.redis.start()
        for image in (self.redis.server.disk, self.redis.server.replica):
            image.stuck = False
        for host in self.hosts.values():
            host.cable.mend()
            host.disk_full = False

    async def _say_again(self) -> None:
        for person in self.people.values():
            person.say_again()

    def _rest(self) -> None:
        """Let time go by until everybody has everything."""
        until = self.loop.time() + _PATIENCE
        while True:
            self.loop.run_for(_QUIET)
            if self.loop.time() > until or self.loop.run_until_complete(self._rests()):
                return

    async def _rests(self) -> bool:
        waiting = [draft for host in self.hosts.values() for draft in await host.waiting()]
        if waiting or any(person.outbox for person in self.people.values()):
            return False
        return len({self._in_redis(), *[_marks(await host.events()) for host in self.hosts.values()]}) == 1

    def _in_redis(self) -> tuple[tuple[int, str, int], ...]:
        """Return seq, nonce and term of what lies in the stream."""
        (found,) = self.engine.ask(self.redis.server.database, ("XRANGE", f"{self._keys}stream", "-", "+"))
        return tuple((int(place.partition(b"-")[0]), said[3].decode(), int(said[5])) for place, said in found)

    async def _judge(self, faults: list[str]) -> None:
        kept = await self.hosts[NAMES[0]].events()
        for event in kept:
            check_signature(event)
        if self._in_redis() != _marks(kept):
            faults.append(f"Redis and {NAMES[0]} have different things: {_difference(self._in_redis(), _marks(kept))}")
        for name, host in self.hosts.items():
            if (theirs := await host.events()) != kept:
                faults.append(f"{name} and {NAMES[0]} have different things: {_difference(theirs, kept)}")
            if waiting := await host.waiting():
                faults.append(f"at {name} still wait {[draft.nonce for draft in waiting]}")
            if self._together and host.room is not None and host.room.renewed:
                faults.append(f"{name} was never away, and has other numbers than before")
            self._hear(self.people[name], kept, faults)
        verdict = check(self.history, [host.kept() for host in self.hosts.values()], authors_in_order=self._in_order)
        faults += [f"{kind}: {fault}" for kind, found in verdict.faults.items() for fault in found]

    def _hear(self, person: Speaker, kept: Sequence[Event], faults: list[str]) -> None:
        """Hear what is shown to somebody in the end."""
        faults += person.faults
        if _marks(person.events) != _marks(kept):
            faults.append(f"{person.name} is not shown what is kept: {_difference(person.events, kept)}")
        if person.outbox:
            faults.append(f"{person.name} still waits for {sorted(person.outbox)}")
        for event in person.events:
            self.history.see(person.name, Entry(event.room, event.seq, event.nonce))

    async def _end(self) -> None:
        for host in self.hosts.values():
            await host.stop()
        await self.redis.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest)


def _marks(events: Sequence[Event]) -> tuple[tuple[int, str, int], ...]:
    return tuple((event.seq, event.nonce, event.term) for event in events)


def _difference(ones: Sequence[object], others: Sequence[object]) -> str:
    """Return where two begin to differ."""
    pairs = itertools.zip_longest(ones, others, fillvalue="nothing")
    return next(f"{one}, {other}" for one, other in pairs if one != other)
