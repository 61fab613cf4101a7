"""The rooms that other nodes offer, as the rooms of this node see them."""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from lanchat.errors import LanchatError, NoSuchRoom, OtherNode, Unreachable
from lanchat.identity import NodeCertificate, Seal, names
from lanchat.journal import RoomRecord
from lanchat.lan.connection import CONNECT, NodeAddress, dial
from lanchat.lan.discovery import Discovery, FoundRoom
from lanchat.lan.link import link_hello
from lanchat.protocol import NodeInfo, Open, Opened, RoomInfo
from lanchat.rooms import Heir, check_words, succession

REST = 2.0
"""Seconds in which a node is not asked again for a room, when it did not answer as its home does; it may be busy."""
LONGEST_REST = 60.0
"""Most of them: each time in vain they double."""
SOON = 2.0
"""Seconds that each of several addresses has to answer."""
_MOST_IN_VAIN = 1_000
INTRODUCERS = 3
"""Nodes that introduce a room whose home is away: those with the smallest ids, and a few more for a moment."""


class _Rest(NamedTuple):
    """Until when a home rests, and for how many seconds after that when it is asked in vain again."""

    until: float
    next: float


class Offers:
    """Looks through what was found, and asks a home itself where that is not enough.

    Args:
        node: this node.
        discovery: what was found.
        seal: of the person of this node, who asks.
        certificate: by which this node proves to a home which one it is.
        on_rested: called when a home that was asked in vain may be asked again.
    """

    def __init__(
        self,
        node: NodeInfo,
        discovery: Discovery,
        seal: Seal,
        certificate: NodeCertificate,
        on_rested: Callable[[], None] = lambda: None,
    ) -> None:
        self._node = node
        self._discovery = discovery
        self._seal = seal
        self._certificate = certificate
        self._on_rested = on_rested
        self._in_vain: dict[tuple[str, str], _Rest] = {}

    def find(self, *, name: str = "", room: str = "") -> RoomRecord | None:
        """Return the room of that name, or the room of that id, that another node offers now.

        Of several it is the one with the smallest id: everybody comes to the same one. How many people are in it is
        only claimed, and so decides nothing. One whose home answers goes before one that is only introduced.
        """
        if room:
            offered = self._discovery.find(room)
            return None if offered is None else record_of(offered)
        named = [offer for offer in self._discovery.found.values() if offer.name == name]
        return record_of(min(named, key=lambda offer: (offer.by != "", offer.id))) if named else None

    def listed(self) -> list[RoomInfo]:
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
            for offer in self._discovery.found.values()
        ]

    def may_introduce(self, room: str) -> bool:
        """Return whether this node is one of those that tell others of a room whose home is away."""
        others = self._discovery.introducers(room)
        return sum(other < self._node.id for other in others) < INTRODUCERS

    async def ask(self, address: str, room: str) -> RoomRecord:
        """Return the room of that id whose home is at an address, or at one of several, which nobody may list.

        Args:
            address: as a person writes it; of several, with commas between, each is tried, and the first error raised.
            room: id of the room.

        Raises:
            InvalidSetting: it is no address.
            NoSuchRoom: the room does not have its home there.
            LanchatError: nobody answers there as a home does.
        """
        places = [NodeAddress.parse(place) for place in address.split(",")]
        failed: list[LanchatError] = []
        for where in places:
            try:
                return await self._ask_at(where, room, CONNECT if len(places) == 1 else SOON)
            except (Unreachable, OtherNode, NoSuchRoom) as error:
                failed.append(error)
        raise failed[0]

    async def _ask_at(self, where: NodeAddress, room: str, patience: float) -> RoomRecord:
        hello = link_hello(self._node, self._seal, room)
        async with dial(where.secure_url, hello, patience=patience, certificate=self._certificate) as connection:
            info = (await connection.ask(Open(room=room), Opened)).room
            home = connection.welcome.node
        if (info.id, info.kind) != (room, "home"):
            raise NoSuchRoom("This room does not have its home at that address.")
        record = RoomRecord(id=room, name=names.room_name(info.name), home=home, addresses=(str(where),))
        return succession.owned(record, info.owner, info.salt)

    async def heir(self, room: str, offered: str) -> Heir:
        """Return as which room one goes on, as the home of a room that was found says and proves it.

        Raises:
            NoSuchRoom: the room was not found, or its home knows nothing of the other one.
            StaysApart, InvalidSignature: what it says proves nothing.
            LanchatError: it does not answer.
        """
        offer, failed = self._discovery.find(offered), LanchatError("Nobody who has the other room can be asked.")
        for address in () if offer is None or offer.by else record_of(offer).addresses:
            hello = link_hello(self._node, self._seal, room)
            url = NodeAddress.parse(address, here=True).secure_url
            try:
                async with dial(url, hello, patience=SOON, certificate=self._certificate) as connection:
                    opened = await connection.ask(Open(room=room), Opened)
                    home = connection.welcome.node
            except (Unreachable, OtherNode) as error:
                failed = error
                continue
            info = opened.room
            await check_words(room, info.id, opened.words)  # a home that has the other room as well answers with that
            where = (address,) if home.id == info.node.id else ()
            record = RoomRecord(info.id, names.room_name(info.name), info.node, addresses=where)
            return Heir(succession.owned(record, info.owner, info.salt), tuple(opened.words))
        raise failed

    def rests(self, room: str) -> bool:
        """Return whether the home of a room that was found was asked in vain, and is not asked again yet."""
        offer = self._discovery.find(room)
        rest = None if offer is None else self._in_vain.get((room, offer.node.id))
        return rest is not None and rest.until > time.monotonic()

    async def answers_as_home(self, room: str) -> bool:
        """Return whether a room that was found is where it is said to be; who was asked in vain rests for a while.

        Also where others only introduce it: a home that did not answer when it was busy is asked here at least.
        """
        offer = self._discovery.find(room)
        if offer is None or self.rests(room):
            return False
        resting = self._in_vain.get((room, offer.node.id), _Rest(0.0, REST))
        for address in record_of(offer).addresses:
            try:
                where = NodeAddress.parse(address, here=True)
                if (await self._ask_at(where, room, CONNECT)).home.id != offer.node.id:
                    continue
            except NoSuchRoom:  # it gave way itself, or is about to say so
                self._discovery.ask(offer.node.id)
                break
            except LanchatError:
                continue
            self._in_vain.pop((room, offer.node.id), None)
            if offer.by:
                self._discovery.ask(offer.node.id)
            return True
        if len(self._in_vain) >= _MOST_IN_VAIN:
            self._in_vain.clear()
        self._in_vain[room, offer.node.id] = _Rest(time.monotonic() + resting.next, min(LONGEST_REST, 2 * resting.next))
        asyncio.get_running_loop().call_later(resting.next, self._on_rested)
        return False


def record_of(offer: FoundRoom) -> RoomRecord:
    """Return what the journal would keep of a room that was found."""
    addresses = offer.at if offer.by else tuple(str(NodeAddress(host, offer.port)) for host in offer.addresses)
    return RoomRecord(
        id=offer.id, name=offer.name, home=offer.node, addresses=addresses, owner=offer.owner, salt=offer.salt
    )
