"""Rooms found by name: announce our own, list those of others, without an address typed by anybody."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lanchat.lan.addresses import InterfaceAddress, Reach, reach, read_links
from lanchat.lan.discovery.announcer import Announcer
from lanchat.lan.discovery.peers import Endpoint, Peers
from lanchat.lan.discovery.probe import Answer, AnsweredRoom, HttpsProbe, Probe
from lanchat.lan.discovery.records import Advert, FoundRoom, read
from lanchat.limits import Limits, TokenRate
from lanchat.protocol import NodeInfo

if TYPE_CHECKING:
    from lanchat.lan.discovery.mdns import Mdns, Sighting

__all__ = ["Advert", "Discovery", "FoundRoom"]

log = logging.getLogger(__name__)

MAX_ROOMS = 200
"""Most rooms of others that are remembered; a flood beyond that is not looked at."""
MAX_ROOMS_PER_ADDRESS = 64
"""Most of them at one address."""
POLL = 4.0
"""Seconds between two looks at the network interfaces."""
ASK_AGAIN = 180.0
"""Seconds between two questions to the network: zeroconf asks only in the first 14."""


class Discovery:
    """Announces the rooms of this node, and finds those of other nodes.

    mDNS only introduces: a room is listed in `found` once its node has answered over HTTPS, under the certificate that
    its id derives from, with that room in its list, and leaves when the node says goodbye or stops answering.

    Args:
        node: this node; its own rooms are never listed.
        bind: address of the one interface to use, which discovery then never leaves; empty for all of the LAN.
        on_change: called on the event loop after `found` has changed, at most once in a turn of the loop.
        probe: how to ask a node whether it is there; over HTTPS when None.
    """

    def __init__(
        self,
        node: NodeInfo,
        *,
        bind: str = "",
        on_change: Callable[[], None],
        probe: Probe | None = None,
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits()
        self._budget = TokenRate(limits.advert_rate, limits.advert_burst)
        self._node = node
        self._bind = bind
        self._on_change = on_change
        self._peers = Peers(probe or HttpsProbe(), on_change=self._changed, on_lost=self._lost)
        self._announcer: Announcer | None = None
        self._adverts: tuple[Advert, ...] = ()
        self._port = 0
        self._reach = Reach((), ())
        self._spoken: tuple[InterfaceAddress, ...] | None = None
        self._hints: dict[str, FoundRoom] = {}
        self._found: Mapping[str, FoundRoom] = MappingProxyType({})
        self._mdns: Mdns | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._saying = asyncio.Lock()
        self._asked = 0.0
        self._settling = False
        self._turned_away = False
        self._complained = False

    @property
    def found(self) -> Mapping[str, FoundRoom]:
        """The rooms of other nodes by room id. A new mapping after each change; the old one stays as it was."""
        return self._found

    @property
    def port(self) -> int:
        """TCP port that is announced; 0 before the start."""
        return self._port

    @property
    def announces(self) -> bool:
        """Whether there is a room to announce."""
        return bool(self._adverts)

    async def start(self, port: int) -> None:
        """Begin to browse and to announce, in the background.

        Without a network this waits for one; it never fails because of it.

        Args:
            port: TCP port of this node's room app, which must listen already.
        """
        self._port = port
        self._announcer = Announcer(self._node, asyncio.get_running_loop().time, self._budget)
        self._announcer.want(self._adverts)
        self._task = asyncio.create_task(self._run())

    async def advertise(self, adverts: Iterable[Advert]) -> None:
        """Replace the set of rooms that this node announces; may be called before `start`.

        New rooms are announced and missing ones withdrawn at once. A number of members alone is announced again at
        most every five seconds.
        """
        self._adverts = tuple(adverts)
        if self._announcer is not None:
            self._announcer.want(self._adverts)
            with contextlib.suppress(OSError):
                await self._say()

    def hears(self, node_id: str) -> bool:
        """Return whether something that the network said lately names this node."""
        return any(hint.node.id == node_id for hint in self._hints.values())

    def forget(self, node_id: str) -> None:
        """Take a node for gone, because something else noticed; it is listed again as soon as it answers."""
        self._peers.suspect(node_id)

    async def refresh(self) -> None:
        """Ask the network again now, and ask the nodes that did not answer."""
        self._asked = -ASK_AGAIN
        for hint in self._hints.values():
            self._peers.nudge(Endpoint.of(hint))
        self._wake.set()

    async def close(self) -> None:
        """Say goodbye and free everything. Takes a third of a second; a second call does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        mdns, self._mdns = self._mdns, None
        if mdns is not None:
            await mdns.close()
        self._announcer = None
        self._hints.clear()
        await self._peers.close()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            due = POLL
            try:
                await self._follow_network()
                due = min(due, await self._say())
                self._complained = False
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may find it mended
                if not self._complained:
                    log.warning("The network cannot be used to find rooms now; it will be tried again: %s", error)
                self._complained = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(due):
                    await self._wake.wait()

    async def _follow_network(self) -> None:
        """Open mDNS when there is an interface for it, move when that changes, ask again when it is time."""
        self._reach = reach(await asyncio.to_thread(read_links), self._bind)
        if self._mdns is None:
            if self._reach.own:
                await self._open()
            return
        now = asyncio.get_running_loop().time()
        if self._spoken != self._reach.own or now - self._asked >= ASK_AGAIN:
            # Also when nothing has changed: an address may not have been ready when it was new (IPv6).
            self._spoken = None
            await self._mdns.move(self._reach)
            self._spoken, self._asked = self._reach.own, now
        elif self._turned_away and len(self._hints) < MAX_ROOMS:
            self._turned_away = False
            self._mdns.browse()

    async def _open(self) -> None:
        mdns_class = await asyncio.to_thread(_load_mdns)
        mdns = mdns_class(self._reach, fenced=bool(self._bind), on_seen=self._seen, on_gone=self._gone)
        try:
            await mdns.open()
        except BaseException:
            await mdns.close()
            raise
        self._mdns, self._spoken = mdns, self._reach.own
        self._asked = asyncio.get_running_loop().time()

    async def _say(self) -> float:
        async with self._saying:
            if self._mdns is None or self._announcer is None:
                return math.inf
            return await self._announcer.announce(self._mdns, self._port)

    def _seen(self, instance: str, sighting: "Sighting") -> None:
        room = read(sighting.port, sighting.addresses, sighting.txt, self._reach.accepts)
        if room is None or room.node.id == self._node.id:
            self._gone(instance)
        elif instance in self._hints or self._has_space(room):
            # Also when it says what is known: it may be back, or its node may have it only since the last answer.
            self._hints[instance] = room
            if self._confirmed(room) is None:
                self._peers.nudge(Endpoint.of(room))
            self._changed()
        else:
            self._turned_away = True

    def _gone(self, instance: str) -> None:
        if self._hints.pop(instance, None) is not None:
            self._changed()

    def _has_space(self, room: FoundRoom) -> bool:
        there = sum(not set(room.addresses).isdisjoint(hint.addresses) for hint in self._hints.values())
        return len(self._hints) < MAX_ROOMS and there < MAX_ROOMS_PER_ADDRESS

    def _lost(self, endpoint: Endpoint, for_good: bool) -> None:
        for instance, hint in list(self._hints.items()):
            if Endpoint.of(hint) == endpoint:
                if self._mdns is not None:
                    self._mdns.forget(instance)
                if for_good:
                    self._gone(instance)

    def _changed(self) -> None:
        """Settle what follows from a change, once for all changes of this turn of the loop."""
        if not self._settling:
            self._settling = True
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self) -> None:
        self._settling = False
        if self._announcer is None:
            return
        self._peers.watch(Endpoint.of(hint) for hint in self._hints.values())
        found: dict[str, FoundRoom] = {}
        for hint in self._hints.values():
            room = self._confirmed(hint)
            # The first that is alive keeps the id: another node cannot take a room over by claiming it.
            if room is not None:
                found.setdefault(room.id, room)
        for hint in {Endpoint.of(hint): hint for hint in self._hints.values()}.values():
            for other in self._beside(hint)[: max(0, MAX_ROOMS - len(found))]:
                found.setdefault(other.id, other)
        if found != self._found:
            self._found = MappingProxyType(found)
            self._on_change()

    def _confirmed(self, hint: FoundRoom) -> FoundRoom | None:
        """Return the room as its node describes it, or None when the node does not."""
        answer = self._peers.answer(Endpoint.of(hint))
        room = None if answer is None else answer.room(hint.id)
        return None if answer is None or room is None else self._described(hint, answer, room)

    def _beside(self, hint: FoundRoom) -> list[FoundRoom]:
        """Return the rooms that a node tells of when it is asked, and has too many of to announce them."""
        answer = self._peers.answer(Endpoint.of(hint))
        if answer is None:
            return []
        told = [room for room in answer.rooms if not room.announced]
        return [self._described(hint, answer, room) for room in told[:MAX_ROOMS_PER_ADDRESS]]

    def _described(self, hint: FoundRoom, answer: Answer, room: AnsweredRoom) -> FoundRoom:
        best = self._peers.address(Endpoint.of(hint))
        return FoundRoom(
            id=room.id,
            name=room.name,
            node=answer.node,
            addresses=tuple(sorted(hint.addresses, key=lambda address: address != best)),
            port=hint.port,
            members=room.members,
            top=room.top,
            door=room.door,
            owner=room.owner,
            salt=room.salt,
        )


def _load_mdns() -> "type[Mdns]":
    from lanchat.lan.discovery.mdns import Mdns  # noqa: PLC0415 - a tenth of a second that the start need not wait for

    return Mdns
