"""Rooms found by name: announce our own, list those of others, without an address typed by anybody."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lanchat.identity import TwinWatch
from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.announcer import Announcer
from lanchat.lan.discovery.explorer import Explorer
from lanchat.lan.discovery.finder import Finder
from lanchat.lan.discovery.probe import HttpsProbe, Probe, ToldNode
from lanchat.lan.discovery.records import Advert, FoundRoom
from lanchat.lan.discovery.unicast import NodeMemory, private_part
from lanchat.lan.machine import LOOK_EVERY, MachineWatch, Move
from lanchat.limits import Limits, TokenRate
from lanchat.protocol import NodeInfo

if TYPE_CHECKING:
    from lanchat.lan.discovery.mdns import Mdns

log = logging.getLogger(__name__)

REMEMBER_EVERY = 30.0
"""Seconds between two looks at whether there is something new to be remembered."""
ASK_AGAIN = 180.0
"""Seconds between two questions to the network: zeroconf asks only in the first 14."""


class Discovery:
    """Announces the rooms of this node, and finds those of other nodes.

    mDNS only introduces: a room is listed in `found` once its node has answered over HTTPS, under the certificate that
    its id derives from, with that room in its list, and leaves when the node says goodbye or stops answering.

    Args:
        node: this node; its own rooms are never listed.
        bind: address of the one interface to use, which discovery then never leaves; empty for all of the LAN.
        on_change: called after `found`, or where a node answers, has changed; at most once in a turn of the loop.
        on_move: called when this machine is somewhere else on the network.
        probe: how to ask a node whether it is there; over HTTPS when None.
        twins: is told of other machines that have this node's key; nobody is when None.
        memory: file in which is kept where nodes answered, by network; None keeps nothing.
    """

    def __init__(
        self,
        node: NodeInfo,
        *,
        bind: str = "",
        on_change: Callable[[], None],
        on_move: Callable[[Move], None] = lambda _: None,
        probe: Probe | None = None,
        limits: Limits | None = None,
        twins: TwinWatch | None = None,
        memory: Path | None = None,
    ) -> None:
        limits = limits or Limits()
        self._budget = TokenRate(limits.advert_rate, limits.advert_burst)
        self._node = node
        self._bind = bind
        self._on_move = on_move
        self._machine = MachineWatch(bind, on_move=self._moved)
        probe = probe or HttpsProbe(lambda: (node.id, self._port))
        self._finder = Finder(
            node,
            probe,
            lambda: self._machine.reach,
            lambda: self._port,
            on_change=on_change,
            on_silent=self._silent,
            on_back=self._ask_the_network,
            twins=twins,
            fenced=bool(bind),
        )
        self._explorer = Explorer(self._finder, probe, self._machine, node.id)
        self._memory = NodeMemory(memory)
        self._networks: list[str] = []
        self._saved = -math.inf
        self._announcer: Announcer | None = None
        self._adverts: tuple[Advert, ...] = ()
        self._port = 0
        self._spoken: tuple[InterfaceAddress, ...] | None = None
        self._mdns: Mdns | None = None
        self._task: asyncio.Task[None] | None = None
        self._saying = asyncio.Lock()
        self._asked = 0.0
        self._complained = False

    @property
    def found(self) -> Mapping[str, FoundRoom]:
        """The rooms of other nodes by room id. A new mapping after each change; the old one stays as it was."""
        return self._finder.found

    @property
    def port(self) -> int:
        """TCP port that is announced; 0 before the start."""
        return self._port

    @property
    def announces(self) -> bool:
        """Whether there is a room to announce."""
        return bool(self._adverts)

    @property
    def networks(self) -> list[str]:
        """The addresses of this machine in private IPv4 networks, each with the prefix; none before the start."""
        own = self._machine.reach.own
        return [f"{link.address}/{link.prefix}" for link in own if private_part(link.address, link.prefix)]

    def introducers(self, room: str) -> frozenset[str]:
        """Return the ids of the other nodes that introduce a room whose home does not answer them."""
        return self._finder.introducers(room)

    def find(self, room: str) -> FoundRoom | None:
        """Return the room of an id that another node has, also one of so many that it is not listed."""
        return self._finder.find(room)

    def place(self, node_id: str) -> NodeAddress | None:
        """Return where a node has answered as itself, the last time that it was asked; None when it does not."""
        return self._finder.place(node_id)

    async def start(self, port: int) -> None:
        """Begin to browse and to announce, in the background.

        Without a network this waits for one; it never fails because of it.

        Args:
            port: TCP port of this node's room app, which must listen already.
        """
        self._port = port
        self._memory.load()
        self._announcer = Announcer(self._node, asyncio.get_running_loop().time, self._budget)
        self._announcer.want(self._adverts)
        self._finder.begin()
        self._machine.open()
        self._task = asyncio.create_task(self._run())

    async def advertise(self, adverts: Iterable[Advert]) -> None:
        """Replace the set of rooms that this node announces; may be called before `start`.

        What is new or missing is told at once, and a number of members alone at most every five seconds.
        """
        self._adverts = tuple(adverts)
        if self._announcer is not None:
            self._announcer.want(self._adverts)
            with contextlib.suppress(OSError):
                await self._say()

    def hears(self, node_id: str) -> bool:
        """Return whether something that the network said lately names this node."""
        return node_id in self._finder

    def meet(self, node_id: str, place: NodeAddress) -> None:
        """Take that a node, which has just asked us something, answers at a place near us; it is found when it does."""
        self._finder.meet(node_id, place)

    def neighbours(self, asker: str) -> list[ToldNode]:
        """Return some of the nodes that answer this one, for another one that asks."""
        return self._finder.neighbours(asker)

    async def look(self, address: str = "") -> tuple[list[NodeInfo], int]:
        """Look for nodes at an address, or without one at each of the own subnets, as far as those are small.

        Returns:
            Those that were found, and at how many addresses was looked.

        Raises:
            InvalidSetting: it is no address, or that of this node.
            Unreachable: no node answers there.
            SlowDown: the subnets were searched just now.
        """
        return ([await self._explorer.at(address)], 1) if address else await self._explorer.around()

    def forget(self, node_id: str) -> None:
        """Take a node for gone, because something else noticed; it is listed again as soon as it answers."""
        self._finder.suspect(node_id)

    def ask(self, node_id: str) -> None:
        """Ask a node now which rooms it has: it has just said something else than before."""
        self._finder.ask(node_id)

    async def refresh(self) -> None:
        """Ask the network again now, and the nodes that did not answer."""
        self._finder.ask()
        self._spoken = None
        self._machine.wake()

    async def close(self) -> None:
        """Say goodbye and free everything. Takes a third of a second; a second call does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._machine.close()
            await self._remember()
        mdns, self._mdns = self._mdns, None
        if mdns is not None:
            await mdns.close()
        self._announcer = None
        await self._finder.close()

    async def _run(self) -> None:
        while True:
            due = LOOK_EVERY
            try:
                await self._follow_network()
                due = min(due, await self._say())
                self._complained = False
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may find it mended
                if not self._complained:
                    log.warning("The network cannot be used to find rooms now; it will be tried again: %s", error)
                self._complained = True
            await self._machine.wait(due)

    async def _follow_network(self) -> None:
        """Open mDNS when there is an interface for it, move when that changes, ask again when it is time."""
        await self._machine.look()
        if self._machine.networks != self._networks:
            self._networks = self._machine.networks
            self._recall()
        elif asyncio.get_running_loop().time() - self._saved >= REMEMBER_EVERY:
            await self._remember()
        own, now = self._machine.reach.own, asyncio.get_running_loop().time()
        if self._mdns is None:
            if own:
                await self._open()
            return
        if self._spoken != own or now - self._asked >= ASK_AGAIN:
            # Also when nothing has changed: an address may not have been ready when it was new (IPv6).
            anew, self._spoken = self._spoken != own, None
            await self._mdns.move(self._machine.reach, anew=anew)
            self._spoken, self._asked = own, now
        elif self._finder.turned_away and not self._finder.full:
            self._finder.turned_away = False
            self._mdns.browse()

    def _moved(self, move: Move) -> None:
        """Find out anew whom this machine reaches, and tell that it may be somewhere else."""
        if self._machine.bound_away:
            log.warning("This machine does not have the address %s any more, which is the only one to use.", self._bind)
        if move.slept:
            self._spoken = None
        self._finder.moved()
        self._on_move(move)

    def _recall(self) -> None:
        """Ask those who answered in this network before: multicast may lead nowhere in it."""
        for node, place in self._memory.nodes(self._networks):
            if self._machine.reach.accepts(place.host):
                self._finder.meet(node, place, trusted=True)

    async def _remember(self) -> None:
        self._saved, accepts = asyncio.get_running_loop().time(), self._machine.reach.accepts
        near = {node: at for node, at in self._finder.places().items() if "%" not in at.host and accepts(at.host)}
        if near and self._memory.note(self._networks, near):
            await asyncio.to_thread(self._memory.save)

    async def _open(self) -> None:
        mdns_class = await asyncio.to_thread(_load_mdns)
        mdns = mdns_class(
            self._machine.reach,
            fenced=bool(self._bind),
            on_seen=self._finder.seen,
            on_gone=self._finder.said_goodbye,
            on_unanswered=self._finder.unanswered,
        )
        try:
            await mdns.open()
        except BaseException:
            await mdns.close()
            raise
        self._mdns, self._spoken = mdns, self._machine.reach.own
        self._asked = asyncio.get_running_loop().time()

    async def _say(self) -> float:
        async with self._saying:
            if self._mdns is None or self._announcer is None:
                return math.inf
            return await self._announcer.announce(self._mdns, self._port)

    def _ask_the_network(self) -> None:
        if self._mdns is not None:
            self._mdns.questions.ask(anyway=True)

    def _silent(self, instance: str, wonder: bool) -> None:
        """Forget what an instance said: when its node is back, that must count as new."""
        if self._mdns is not None:
            self._mdns.forget(instance, wonder=wonder)


def _load_mdns() -> "type[Mdns]":
    from lanchat.lan.discovery.mdns import Mdns  # noqa: PLC0415 - a tenth of a second that the start need not wait for

    return Mdns
