"""Which rooms of others there are: what the network says of them, once their nodes have said so themselves."""

import asyncio
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lanchat.identity import TwinWatch
from lanchat.lan.addresses import Reach
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.hints import Hints
from lanchat.lan.discovery.listing import MAX_LISTED, described, has_it, introduced, listed
from lanchat.lan.discovery.peers import Peers
from lanchat.lan.discovery.probe import Answer, Probe, ToldNode
from lanchat.lan.discovery.records import Endpoint, FoundRoom, is_instance_of, read
from lanchat.lan.discovery.twin_probe import TwinProbe
from lanchat.lan.discovery.unicast import Acquaintances, neighbours
from lanchat.limits import TokenRate
from lanchat.protocol import NodeInfo

if TYPE_CHECKING:
    from lanchat.lan.discovery.mdns import Sighting

_NEWS = TokenRate(0.05, 8)
"""How often a node is asked because another number of people is said to be in one of its rooms."""
_SHARE = 20
"""Times as long as it took to settle what is found, the next time waits: strangers decide how often that changes."""


class Finder:
    """Turns hints into a list of rooms: a hint leads to a question to its node, and only the answer to a room.

    Args:
        node: this node; its own rooms are never found.
        probe: how to ask a node.
        reach: gives where this machine is now.
        port: gives the port at which this node answers; 0 while it does not.
        on_change: called after `found`, or where a node answers, has changed; at most once in a turn of the loop.
        on_silent: called with the full name of an instance whose node has stopped answering, and whether it is the
            first one of that node.
        on_back: called when a node that was lost answers again: there may be others that nobody has heard of.
        twins: is told of other machines that have this node's key; nobody is when None.
        fenced: whether this node keeps to one address of its machine, and so to the network of that.

    Attributes:
        found: the rooms by id. A new mapping after each change; the old one stays as it was.
        turned_away: whether something was said for which there was no place.
    """

    def __init__(
        self,
        node: NodeInfo,
        probe: Probe,
        reach: Callable[[], Reach],
        port: Callable[[], int],
        *,
        on_change: Callable[[], None],
        on_silent: Callable[[str, bool], None],
        on_back: Callable[[], None],
        twins: TwinWatch | None = None,
        fenced: bool = False,
    ) -> None:
        self.found: Mapping[str, FoundRoom] = MappingProxyType({})
        self.turned_away = False
        self._node = node
        self._reach = reach
        self._port = port
        self._on_change = on_change
        self._on_silent = on_silent
        self._peers = Peers(
            probe,
            on_change=self._changed,
            on_lost=self._lost,
            on_back=on_back,
            on_answer=self._take_answer,
        )
        self._twins = TwinProbe(node, probe, twins) if twins is not None else None
        self._hints = Hints(lambda hint: self._peers.in_vain(Endpoint.of(hint)))
        self._acquaintances = Acquaintances(
            node.id, self._hints, self._peers, reach, place=self.place, on_change=self._changed, fenced=fenced
        )
        self._introducers: Mapping[str, frozenset[str]] = MappingProxyType({})
        self._places: Mapping[str, NodeAddress] = MappingProxyType({})
        self._news = asyncio.Event()
        self._running = False
        self._settling = False
        self._settled = -math.inf
        self._news_full = 0.0

    def __contains__(self, node_id: str) -> bool:
        """Whether the network itself says something of a node."""
        return any(hint.id and hint.node.id == node_id for hint in self._hints)

    @property
    def full(self) -> bool:
        """Whether a new hint has to take another one's place."""
        return self._hints.full

    def begin(self) -> None:
        """Ask and list from now on."""
        self._running = True

    def introducers(self, room: str) -> frozenset[str]:
        """Return the ids of the other nodes that introduce a room whose home does not answer them."""
        return self._introducers.get(room, frozenset())

    def place(self, node_id: str) -> NodeAddress | None:
        """Return where a node has answered as itself, the last time that it was asked; None when it does not."""
        return self._places.get(node_id)

    def find(self, room: str) -> FoundRoom | None:
        """Return the room of an id that another node has, also one of so many that it is not listed."""
        if room in self.found:
            return self.found[room]
        for hint in self._hints:
            answer = self._peers.answer(Endpoint.of(hint))
            if answer is not None and (told := answer.room(room)) is not None and answer.has(told):
                return described(hint, answer, told, self._peers)
        return None

    async def next_change(self) -> None:
        """Wait until `found`, or where a node answers, has changed."""
        await self._news.wait()

    def places(self) -> Mapping[str, NodeAddress]:
        """Return where each node answers, by its id."""
        return self._places

    def suspect(self, node_id: str) -> None:
        """Take a node for gone until it answers again."""
        self._peers.suspect(node_id)

    def ask(self, node_id: str = "") -> None:
        """Ask a node now which rooms it has, or without an id every node, also those that did not answer."""
        for hint in self._hints:
            if node_id in {"", hint.node.id}:
                self._peers.nudge(Endpoint.of(hint))

    def seen(self, instance: str, sighting: "Sighting") -> None:
        """Take what the network says of an instance."""
        room = read(sighting.port, sighting.addresses, sighting.txt, self._reach().accepts)
        if room is None or room.node.id == self._node.id:
            self.said_goodbye(instance)
            if room is not None and self._twins is not None:
                self._twins.look(room, self._reach().scoped if room.port == self._port() else ())
            return
        known = self._hints.get(instance)
        crowded = self._hints.full and known is None
        self.turned_away = self.turned_away or crowded
        # Also when it says what is known: it may be back, or its node may have it only since the last answer.
        if not self._hints.put(instance, room):
            self.turned_away = True
        elif not crowded and has_it(room, self._peers) and not self._is_news(known, room):
            self._changed()
            return
        self._peers.nudge(Endpoint.of(room))
        self._changed()

    def said_goodbye(self, instance: str) -> None:
        """Take that a room goes, as anybody can say; it stays as long as its node says otherwise."""
        hint = self._hints.get(instance)
        if hint is None or not has_it(hint, self._peers):
            self._gone(instance)
        else:
            self._hints.leaving.add(instance)
            self._peers.doubt(Endpoint.of(hint))

    def unanswered(self, instance: str) -> None:
        """Take that an instance did not answer somebody, as anybody can make it look; its node is asked once.

        It may be known from others only: then it is the node that has answered with that room.
        """
        hint = self._hints.get(instance)
        if hint is None:
            hint = next((met for met in self._hints if not met.id and self._answers_for(met, instance)), None)
        if hint is not None:
            self._peers.doubt(Endpoint.of(hint), times=1)

    def meet(self, node_id: str, place: NodeAddress, *, trusted: bool = False) -> None:
        """Take that a node answers at a place, as somebody says; it is found when it does.

        Args:
            node_id: which one.
            place: where, a node's port near this machine or where a router leads; others are passed over.
            trusted: whether a person here has chosen the place, wherever it is, or it is remembered.
        """
        self._acquaintances.meet(node_id, place, trusted=trusted)

    def neighbours(self, asker: str) -> list[ToldNode]:
        """Return the nodes that answer this one, for another that asks: of many always the same for one that asks."""
        return neighbours(self._places, asker)

    def moved(self) -> None:
        """Take what others name as new, and ask every node again: this machine is somewhere else."""
        self._acquaintances.moved()
        self.ask()

    async def close(self) -> None:
        """Ask nobody any more; what was found stays."""
        self._running = False
        self._hints.clear()
        await self._peers.close()
        if self._twins is not None:
            await self._twins.close()

    def _answers_for(self, hint: FoundRoom, instance: str) -> bool:
        answer = self._peers.answer(Endpoint.of(hint))
        return answer is not None and any(is_instance_of(instance, room.id, hint.node.id) for room in answer.rooms)

    def _gone(self, instance: str) -> None:
        if self._hints.pop(instance):
            self._changed()

    def _take_answer(self, answer: Answer, place: NodeAddress) -> None:
        self._acquaintances.answered(answer, place)

    def _is_news(self, known: FoundRoom | None, room: FoundRoom) -> bool:
        now = asyncio.get_running_loop().time()
        full = _NEWS.after(self._news_full, now)
        if known is None or known.members == room.members or _NEWS.wait(full, now):
            return False
        self._news_full = full
        return True

    def _lost(self, endpoint: Endpoint, for_good: bool) -> None:
        lost = [(instance, hint) for instance, hint in self._hints.instances() if Endpoint.of(hint) == endpoint]
        first = next((instance for instance, hint in lost if hint.id), "")
        for instance, _ in lost:
            self._on_silent(instance, instance == first and not for_good)
            if for_good or instance in self._hints.leaving:
                self._gone(instance)

    def _changed(self) -> None:
        """Settle what follows from a change, once for all changes of this turn of the loop."""
        if not self._settling:
            self._settling = True
            loop = asyncio.get_running_loop()
            if self._settled <= loop.time():
                loop.call_soon(self._settle)
            else:
                loop.call_at(self._settled, self._settle)

    def _settle(self) -> None:
        self._settling = False
        if not self._running:
            return
        for instance, hint in self._hints.instances():
            if instance in self._hints.leaving and has_it(hint, self._peers) is False:
                self._gone(instance)
        clock = asyncio.get_running_loop().time
        begun = clock()
        self._acquaintances.drop_doubles()
        self._peers.watch(Endpoint.of(hint) for hint in self._hints)
        found = listed(self._hints, self._peers, self.found)
        introductions = introduced(self._hints, self._peers, self._node.id, self._reach().accepts)
        for room in introductions[: MAX_LISTED - len(found)]:
            found.setdefault(room.id, room)
        introducers = {
            room.id: frozenset(each.by for each in introductions if each.id == room.id) for room in introductions
        }
        places = self._peers.places()
        self._settled = clock() + _SHARE * (clock() - begun)
        if (found, introducers, places) != (self.found, self._introducers, self._places):
            self.found, self._introducers = MappingProxyType(found), MappingProxyType(introducers)
            self._places = MappingProxyType(places)
            news, self._news = self._news, asyncio.Event()
            news.set()
            self._on_change()
