"""Nodes of which something else than multicast says where they are: they ask us, others name them, or a person does."""

import asyncio
import contextlib
from collections.abc import Callable

from lanchat.errors import InvalidSetting
from lanchat.lan.addresses import Reach
from lanchat.lan.connection import NodeAddress
from lanchat.lan.discovery.hints import Hints
from lanchat.lan.discovery.peers import Peers
from lanchat.lan.discovery.probe import Answer
from lanchat.lan.discovery.records import PORTS, Endpoint, FoundRoom, is_id
from lanchat.lan.discovery.unicast.beyond import Beyond
from lanchat.lan.discovery.unicast.hearsay import Hearsay
from lanchat.protocol import NodeInfo

DOUBLE = 15.0
"""Seconds that a node is asked both where it was met and where the network says that it is: it may have moved."""


class Acquaintances:
    """Makes hints of where nodes are said to be: each is asked there itself.

    Args:
        me: id of this node.
        hints: takes them.
        peers: asks.
        reach: gives where this machine is now.
        place: gives where a node answers; None where it does not.
        on_change: called after there is another hint.
        fenced: whether this node keeps to one address of its machine, and so to the network of that.
    """

    def __init__(
        self,
        me: str,
        hints: Hints,
        peers: Peers,
        reach: Callable[[], Reach],
        *,
        place: Callable[[str], NodeAddress | None],
        on_change: Callable[[], None],
        fenced: bool,
    ) -> None:
        self._me = me
        self._hints = hints
        self._peers = peers
        self._reach = reach
        self._place = place
        self._on_change = on_change
        self._fenced = fenced
        self._hearsay = Hearsay()
        self._beyond = Beyond(self._answers_at)
        self._met: dict[str, float] = {}

    def meet(self, node_id: str, place: NodeAddress, *, trusted: bool = False) -> None:
        """Take that a node answers at a place, as somebody says; it is found when it does.

        Args:
            node_id: which one.
            place: where, a node's port near this machine or where a router leads; others are passed over.
            trusted: whether a person here has chosen the place, wherever it is, or it is remembered.
        """
        if not is_id(node_id) or node_id == self._me or place.port not in PORTS or self._place(node_id) == place:
            return
        if there := self._hints_at(node_id, place):
            # One of several addresses of a node that answers is no news: two that ask each other would never stop.
            for hint in there:
                if not self._peers.answers(Endpoint.of(hint)):
                    self._peers.nudge(Endpoint.of(hint))
            return
        near = self._reach().accepts(place.host) or self._beyond.covers(place.host)
        if not trusted and not (near and self._hearsay.admits(node_id, place)):
            return
        for hint in self._hints_of(node_id):
            self._peers.nudge(Endpoint.of(hint))  # it may have moved: then it is not where it was
        if self._put(node_id, node_id, place):
            self._met[node_id] = asyncio.get_running_loop().time()

    def answered(self, answer: Answer, place: NodeAddress) -> None:
        """Take of which other nodes, and of which other networks of its own, a node tells that has answered.

        Args:
            answer: what it says, under its own key.
            place: where it has answered.
        """
        node, accepts = answer.node.id, self._reach().accepts
        if not self._fenced and accepts(place.host):
            for address in self._beyond.say(node, answer.networks, accepts):
                there = NodeAddress(address, place.port)
                if _elsewhere(node, address) not in self._hints and self._hearsay.admits(node, there):
                    self._put(_elsewhere(node, address), node, there)
        for told in answer.nodes:
            with contextlib.suppress(InvalidSetting):
                if self._place(told.id) is None and not self._hints_at(told.id, at := NodeAddress.parse(told.address)):
                    self.meet(told.id, at)  # who is asked there already is, at its own pace, whoever names it again

    def moved(self) -> None:
        """Take what others name as new: this machine is somewhere else."""
        self._hearsay.forget()

    def drop_doubles(self) -> None:
        """Forget where somebody said that a node is, when it goes on to answer where the network says."""
        now = asyncio.get_running_loop().time()
        announced = {hint.node.id for hint in self._hints if hint.id and self._peers.answers(Endpoint.of(hint))}
        self._met = {node: at for node, at in self._met.items() if node in self._hints}
        for node in announced & self._met.keys():
            if now - self._met[node] >= DOUBLE:
                self._hints.pop(node)

    def _hints_of(self, node_id: str) -> list[FoundRoom]:
        return [hint for hint in self._hints if hint.node.id == node_id]

    def _hints_at(self, node_id: str, place: NodeAddress) -> list[FoundRoom]:
        known = self._hints_of(node_id)
        return [hint for hint in known if hint.port == place.port and place.host in hint.addresses]

    def _put(self, name: str, node_id: str, place: NodeAddress) -> bool:
        hint = FoundRoom(
            id="", name="", node=NodeInfo(node_id, ""), addresses=(place.host,), port=place.port, members=0
        )
        if not self._hints.put(name, hint):
            return False
        self._peers.nudge(Endpoint.of(hint))
        self._on_change()
        return True

    def _answers_at(self, node: str, address: str) -> bool:
        hint = self._hints.get(_elsewhere(node, address))
        return hint is not None and self._peers.answers(Endpoint.of(hint))


def _elsewhere(node: str, address: str) -> str:
    """Return the name of the hint that a node is at an address in another network."""
    return f"{node} {address}"
