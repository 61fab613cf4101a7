"""What a client meets at one of the node's two doors."""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

import msgspec

from lanchat.archive import Job, RoomTransfers
from lanchat.errors import DataDirUnusable
from lanchat.identity import Owner, TwinWatch
from lanchat.journal import Journal
from lanchat.layers import BaseChannelLayer
from lanchat.limits import Addresses, Limits
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications, StartupNotices
from lanchat.protocol import Diagnosis, NodeInfo, OwnAddress, Program, Quorum
from lanchat.rooms import Access, Doorkeeper, MembershipBook, Room, RoomRegistry
from lanchat.sessions.comparing import ComparingDesk
from lanchat.sessions.hub import Hub
from lanchat.sessions.timers import ClientTimers

OWNERS = "node.owners"
"""The layer's group of those who speak as the owner: windows, and scripts that chose no name of their own."""
NO_KEY = 4001
"""With this code a connection is closed that has no valid key."""
LISTENERS = {"window": "node.lists.window", "guest": "node.lists.guest"}
"""The layer's groups of those who want the list of rooms, by kind of client."""


class Moves(Protocol):
    """Moves rooms into a Redis and out of it."""

    def begin(self, room: Room, to: str, owner: str, report: Callable[[Job], None]) -> Job:
        """Begin to move a room. Raises CannotMove, TooManyJobs."""

    async def answer(self, room: Room, frame: Quorum, host: str) -> None:
        """Say who numbers a room to a node that says that it does. Raises LayerError."""


class Bridge(Protocol):
    """Passes rooms on."""

    async def __call__(self, room: Room, *, on: bool) -> None:
        """Pass a room on from now on, or no more."""


async def _no_program() -> Program | None:
    return None


def _cannot_renew() -> None:
    raise DataDirUnusable("Keys are renewed at the window of the node only.")


class SessionContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a client meets at one of the node's two doors.

    Attributes:
        node: this node.
        fingerprint: SHA-256 of this node's certificate.
        owner: the person whose node it is.
        access: the gate.
        doors: the doors of its rooms.
        rooms: the rooms.
        memberships: which rooms people are in, and what they have not read.
        journal: their history.
        transfers: exports and imports rooms.
        moves: moves rooms into a Redis and out of it.
        layer: what carries messages to clients.
        hub: the clients of the node, by what they listen to.
        comparing: compares words for the owner.
        notifications: tells people what is for them, in whatever room they are.
        startup_notices: what every window is told when it opens.
        diagnose: finds out why nobody is found.
        look: looks for nodes at an address, or without one around this machine; gives them, and how many it asked.
        unite: joins a room of this node with another of its name.
        bridge: passes a room on between two networks of this machine, or no more; raises InvalidFrame, LimitReached.
        twins: is told of links that are this node itself.
        list_for: returns the encoded list of rooms for a kind of client, with the rooms of these ids in it.
        is_key: at the window's door, whether a token is a valid key; None at the network's door, which asks for none.
        address: returns the URL at which a browser on the network joins; empty where it is not told.
        own_addresses: returns the addresses by which a browser comes to this node, the best first.
        program: returns what is known of the program file that this node gives, or None where it gives none.
        renew: has the node make new keys when it starts next; raises DataDirUnusable.
        presence_owners: by room and node, the link that said last who is there.
        count: counts what happens.
        addresses: what each address may still do.
        timers: what time brings to the clients.
    """

    node: NodeInfo
    fingerprint: str
    owner: Owner
    access: Access
    doors: Doorkeeper
    rooms: RoomRegistry
    memberships: MembershipBook
    journal: Journal
    transfers: RoomTransfers
    moves: Moves
    layer: BaseChannelLayer
    hub: Hub
    comparing: ComparingDesk
    notifications: Notifications
    startup_notices: StartupNotices
    diagnose: Callable[[], Awaitable[Diagnosis]]
    look: Callable[[str], Awaitable[tuple[list[NodeInfo], int]]]
    unite: Callable[[Room, str], Awaitable[None]]
    bridge: Bridge
    twins: TwinWatch
    list_for: Callable[[str, Collection[str]], bytes]
    is_key: Callable[[str], bool] | None = None
    address: Callable[[], str] = str
    own_addresses: Callable[[], list[OwnAddress]] = list
    program: Callable[[], Awaitable[Program | None]] = _no_program
    renew: Callable[[], None] = _cannot_renew
    presence_owners: dict[tuple[str, str], object] = msgspec.field(default_factory=dict)
    count: Count = uncounted
    addresses: Addresses = msgspec.field(default_factory=lambda: Addresses(Limits()))
    timers: ClientTimers = msgspec.field(default_factory=ClientTimers)
