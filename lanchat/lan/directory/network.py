"""What other nodes offer, and our links to them: what `chat.rooms` knows of the network."""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from lanchat.errors import LanchatError, NoSuchRoom
from lanchat.identity import NodeCertificate, Seal, TwinWatch, names
from lanchat.journal import Journal, RoomRecord
from lanchat.lan.connection import NodeAddress, dial
from lanchat.lan.discovery import Discovery, FoundRoom
from lanchat.lan.link import Courier, Link, Quota, link_hello
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications
from lanchat.protocol import NodeInfo, Open, Opened, Quorum, RoomInfo, ballot_of
from lanchat.rooms import Access, Doorkeeper, Room, succession

_log = logging.getLogger(__name__)

REST = 60.0
"""Seconds in which a node is not asked again for a room, when it did not answer as its home does."""
_MOST_IN_VAIN = 1_000
INTRODUCERS = 3
"""Nodes that introduce a room whose home is away: those with the smallest ids, and a few more for a moment."""


class Network:
    """Finds rooms of other nodes and links mirrors to their homes.

    Args:
        node: this node.
        journal: keeps what links carry.
        notifications: tells the people of this node what links bring.
        set_aside: empties a mirror whose home has another history.
        on_change: called when what is found, or what a link reaches, changed.
        seal: signs what links bring to others.
        certificate: by which links prove which node this is.
        access: the gate, which links ask.
        quota: how much mirrors may have.
        doors: the doors of the rooms.
        twins: is told of other machines that have this node's key.
        bind: address of the one interface to use; empty for all of the LAN.
        count: counts how links come and go.

    Attributes:
        port: where other nodes reach this one; 0 while nobody does.
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
        bind: str = "",
        count: Count = uncounted,
    ) -> None:
        self.discovery = Discovery(node, bind=bind, on_change=self._found_changed, limits=quota.limits, twins=twins)
        self._seal = seal
        self._certificate = certificate
        self._access = access
        self._quota = quota
        self._doors = doors
        self._node = node
        self._journal = journal
        self._notifications = notifications
        self._set_aside = set_aside
        self._count = count
        self._changed = on_change
        self._links: dict[str, Link] = {}
        self._in_vain: dict[tuple[str, str], float] = {}
        self._couriers: dict[tuple[str, str], Courier] = {}
        self.port = 0
        self._namesakes: set[str] = set()

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name, or the room of that id, that another node offers now.

        Of several it is the one with the smallest id: everybody comes to the same one. How many people are in it is
        only claimed, and so decides nothing. One whose home answers goes before one that is only introduced.
        """
        if room:
            offered = self.discovery.find(room)
            return None if offered is None else _record(offered)
        named = [offer for offer in self.discovery.found.values() if offer.name == name]
        return _record(min(named, key=lambda offer: (offer.by != "", offer.id))) if named else None

    def may_introduce(self, room: str) -> bool:
        """Return whether this node is one of those that tell others of a room whose home is away."""
        others = self.discovery.introducers(room)
        return sum(other < self._node.id for other in others) < INTRODUCERS

    def found(self) -> list[RoomInfo]:
        """Return every room that other nodes offer now."""
        return [
            RoomInfo(
                id=offer.id,
                name=offer.name,
                node=offer.node,
                kind="found",
                members=offer.members,
                top=offer.top,
                online=not offer.by,
                door=offer.door,
                owner=offer.owner,
                salt=offer.salt,
            )
            for offer in self.discovery.found.values()
        ]

    async def ask(self, address: str, room: str) -> RoomRecord:
        """Return the room of that id whose home is at an address, which nobody may list.

        Raises:
            InvalidSetting: it is no address.
            NoSuchRoom: the room does not have its home there.
            LanchatError: nobody answers there as a home does.
        """
        where = NodeAddress.parse(address)
        hello = link_hello(self._node, self._seal, room)
        async with dial(where.secure_url, hello, certificate=self._certificate) as connection:
            info = (await connection.ask(Open(room=room), Opened)).room
            home = connection.welcome.node
        if (info.id, info.kind) != (room, "home"):
            raise NoSuchRoom("This room does not have its home at that address.")
        record = RoomRecord(id=room, name=names.room_name(info.name), home=home, addresses=(str(where),))
        return succession.owned(record, info.owner, info.salt)

    async def answers_as_home(self, room: str) -> bool:
        """Return whether a room that was found is where it is said to be; who was asked in vain rests for a while."""
        offer = self.discovery.find(room)
        if offer is None or offer.by or self._in_vain.get((room, offer.node.id), 0.0) > time.monotonic():
            return False
        for address in _record(offer).addresses:
            try:
                return (await self.ask(address, room)).home.id == offer.node.id
            except NoSuchRoom:  # it gave way itself, or is about to say so
                return False
            except LanchatError:
                continue
        if len(self._in_vain) >= _MOST_IN_VAIN:
            self._in_vain.clear()
        self._in_vain[room, offer.node.id] = time.monotonic() + REST
        return False

    def link(self, room: Room) -> Link:
        """Begin a link to the home of a mirror."""
        addresses = functools.partial(self._addresses, room)
        link = Link(
            room,
            self._node,
            self._journal,
            addresses,
            self._changed,
            seal=self._seal,
            certificate=self._certificate,
            access=self._access,
            notifications=self._notifications,
            doors=self._doors,
            set_aside=self._set_aside,
            quota=self._quota,
            count=self._count,
        )
        self._links[room.id] = link
        return link

    def address(self, host: str, port: int) -> str:
        """Return where a node answers, as an address is written."""
        return str(NodeAddress(host, port))

    def carry(self, room: Room, node: str, addresses: Sequence[str], frame: Quorum) -> None:
        """Send a frame about a room's voters to a node; it may be lost. As `RoomNetwork.carry`."""
        if not self.port:
            return
        frame = replace(frame, port=self.port)
        if (cast := ballot_of(frame, self._seal.id)) is not None:
            frame = replace(frame, signature=self._seal.vote(room.id, cast))
        if node == self._node.id:
            return
        if not addresses or not frame.to:  # only the home is known by nothing but its link
            link = self._links.get(room.id)
            if node == room.record.home.id and link is not None:
                link.send(frame)
            return
        key = room.id, node
        courier = self._couriers.get(key)
        if courier is None:
            courier = Courier(room.id, node, me=self._node, seal=self._seal, certificate=self._certificate)
            self._couriers[key] = courier
        courier.addresses = addresses
        courier.send(frame)

    async def close(self) -> None:
        """Carry no more to anybody."""
        await asyncio.gather(*(courier.close() for courier in self._couriers.values()))

    def _addresses(self, room: Room) -> Sequence[str]:
        offer = self.discovery.find(room.id)
        now = _record(offer).addresses if offer and offer.node.id == room.record.home.id else ()
        return (*now, *(address for address in room.record.addresses if address not in now))

    def _found_changed(self) -> None:
        self._notice_namesakes()
        self._links = {room: link for room, link in self._links.items() if not link.closed}
        for room, link in self._links.items():
            if not link.online and (offer := self.discovery.find(room)) is not None and not offer.by:
                link.nudge()
        self._changed()

    def _notice_namesakes(self) -> None:
        """Say once of each other node that it has our name: people could not tell the two apart."""
        others = {offer.node.id for offer in self.discovery.found.values() if offer.node.name == self._node.name}
        if others - self._namesakes:
            self._namesakes |= others
            _log.warning(
                "Another machine on this network is called %r as well; give one of them another name with --name.",
                self._node.name,
            )


def _record(offer: FoundRoom) -> RoomRecord:
    addresses = offer.at if offer.by else tuple(str(NodeAddress(host, offer.port)) for host in offer.addresses)
    return RoomRecord(
        id=offer.id, name=offer.name, home=offer.node, addresses=addresses, owner=offer.owner, salt=offer.salt
    )
