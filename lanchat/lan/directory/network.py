"""What other nodes offer, and our links to them: what `chat.rooms` knows of the network."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from lanchat.identity import NodeCertificate, Seal, TwinWatch
from lanchat.journal import Journal, RoomRecord
from lanchat.lan.addresses import read_links
from lanchat.lan.connection import NodeAddress
from lanchat.lan.directory.bridges import Bridges, own_links
from lanchat.lan.directory.couriers import Couriers
from lanchat.lan.directory.links import Links
from lanchat.lan.directory.offers import Offers
from lanchat.lan.directory.witness_probe import WitnessProbe
from lanchat.lan.discovery import Discovery
from lanchat.lan.link import Link, LinkParts, Quota
from lanchat.lan.machine import Move, has_battery
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import NodeInfo, Quorum, RoomInfo, ballot_of
from lanchat.rooms import Access, Doorkeeper, Heir, Room

NAMESAKE = (
    "The machine at {address} is called {name} as well, so people cannot tell it from this one. Give one of the two "
    "another name: end Lanchat there and start it with `lanchat --name NAME`."
)
"""What the person is told, once of each such machine."""
_MOST_NAMESAKES = 8


class Network:
    """The network, as the rooms of this node use it: each part has its own module, and meets the others here.

    Args:
        node: this node.
        journal: keeps what links carry.
        notifications: tells the people of this node what links bring.
        set_aside: empties a mirror whose home has another history.
        on_change: called when what is found, or what a link reaches, changed.
        on_move: called when this machine is somewhere else on the network.
        seal: signs what links bring to others.
        certificate: by which links prove which node this is.
        access: the gate, which links ask.
        quota: how much mirrors may have.
        doors: the doors of the rooms.
        twins: is told of other machines that have this node's key.
        tell: tells the person of this node a sentence, without waiting.
        bind: address of the one interface to use; empty for all of the LAN.
        data_dir: folder in which is kept where nodes answered, and which rooms are passed on; None keeps nothing.
        count: counts how links come and go.

    Attributes:
        bridges: the rooms that are passed on from one network of this machine to another.
        parts: what other ways to mirrors' rooms need of the node.
    """

    def __init__(
        self,
        node: NodeInfo,
        journal: Journal,
        notifications: Notifications,
        set_aside: Callable[[Room], Awaitable[None]],
        on_change: Callable[[], None],
        *,
        seal: Seal,
        certificate: NodeCertificate,
        access: Access,
        quota: Quota,
        doors: Doorkeeper,
        twins: TwinWatch,
        tell: Callable[[str], None] = lambda _: None,
        on_move: Callable[[], None] = lambda: None,
        bind: str = "",
        data_dir: Path | None = None,
        count: Count = uncounted,
    ) -> None:
        probe = WitnessProbe(lambda: (node.id, self.port))
        self.discovery = Discovery(
            node,
            bind=bind,
            on_change=self._found_changed,
            on_move=self._moved,
            limits=quota.limits,
            twins=twins,
            probe=probe,
            memory=data_dir and data_dir / "node.neighbours",
        )
        self.bridges = Bridges(
            probe, self.discovery.place, on_change, own_links(bind), data_dir and data_dir / "node.bridges"
        )
        self._node = node
        self._seal = seal
        self._steady = not has_battery()
        self._quota = quota
        self._changed = on_change
        self._on_move = on_move
        self._tell = tell
        self._offers = Offers(node, self.discovery, seal, certificate, on_change)
        self._couriers = Couriers(node, seal, certificate)
        self.parts = LinkParts(
            node, journal, seal, access, doors, notifications, quota.limits, set_aside, on_change, count
        )

        def link(room: Room, addresses: Callable[[], Sequence[str]]) -> Link:
            return Link(
                room,
                node,
                journal,
                addresses,
                on_change,
                seal=seal,
                certificate=certificate,
                access=access,
                notifications=notifications,
                doors=doors,
                set_aside=set_aside,
                quota=self._quota,
                count=count,
                on_missing=lambda: self.discovery.ask(room.record.home.id),
            )

        self._links = Links(self.discovery, link)
        self._namesakes: set[str] = set()

    @property
    def port(self) -> int:
        """Where other nodes reach this one; 0 while nobody does."""
        return self.bridges.port

    @port.setter
    def port(self, port: int) -> None:
        self.bridges.port = port

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name, or the room of that id, that another node offers now: as `Offers.find`."""
        return self._offers.find(name=name, room=room)

    def may_introduce(self, room: str) -> bool:
        """Return whether this node is one of those that tell others of a room whose home is away."""
        return self._offers.may_introduce(room)

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""
        return self._offers.listed()

    async def ask(self, address: str, room: str) -> RoomRecord:
        """Return the room of that id whose home is at an address, which nobody may list. Raises as `Offers.ask`."""
        return await self._offers.ask(address, room)

    async def answers_as_home(self, room: str) -> bool:
        """Return whether a room that was found is where it is said to be; who was asked in vain rests for a while."""
        return await self._offers.answers_as_home(room)

    def rests(self, room: str) -> bool:
        """Return whether the home of a room that was found was asked in vain, and is not asked again yet."""
        return self._offers.rests(room)

    async def heir(self, room: str, offered: str) -> Heir:
        """Return as which room one goes on, as the home of a room that was found proves it. Raises as `Offers.heir`."""
        return await self._offers.heir(room, offered)

    async def establish(self, record: RoomRecord) -> RoomRecord:
        """Return a room that is new: its home is this node."""
        return record

    def link(self, room: Room) -> Link:
        """Begin a link to the home of a mirror."""
        return self._links.begin(room)

    def address(self, host: str, port: int) -> str:
        """Return where a node answers, as an address is written."""
        return str(NodeAddress(host, port))

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """Send a frame about a room's voters to a node; it may be lost. As `RoomNetwork.carry`."""
        if not self.port or node == self._node.id:
            return
        frame = replace(frame, port=self.port, steady=self._steady)
        if (cast := ballot_of(frame, self._seal.id)) is not None:
            frame = replace(frame, signature=self._seal.vote(room.id, cast))
        if place := self.discovery.place(node):
            # It may be known from others only, and a link-local address means nothing without the zone of this machine.
            addresses = (*addresses, str(place))
        if addresses and (frame.to or node != room.record.home.id):
            self._couriers.carry(room.id, node, tuple(dict.fromkeys(addresses)), frame)
        elif node == room.record.home.id:  # it is known by nothing but its link
            self._links.send(room, frame)

    async def close(self) -> None:
        """Carry no more to anybody."""
        await self._links.close()
        await self._couriers.close()

    def _found_changed(self) -> None:
        self._notice_namesakes()
        self._links.found_changed()
        self._changed()

    def _moved(self, move: Move) -> None:
        self._links.moved(move)
        self._on_move()

    def _notice_namesakes(self) -> None:
        """Say once of each other node that it has our name: people could not tell the two apart."""
        for offer in self.discovery.found.values():
            node = offer.node
            if node.name != self._node.name or node.id in self._namesakes or offer.by:
                continue
            if len(self._namesakes) < _MOST_NAMESAKES:
                self._namesakes.add(node.id)
                if {link.address for link in read_links()}.issuperset(offer.addresses):
                    continue  # somebody else's at this machine, which has one name
                self._tell(NAMESAKE.format(address=offer.addresses[0], name=node.name))
