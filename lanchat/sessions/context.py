"""The node's two doors for clients of protocol v1: what they meet there, and who is let in as whom."""

from collections.abc import Callable

import msgspec

from lanchat.archive import Exchange
from lanchat.identity import Owner
from lanchat.journal import Journal
from lanchat.layers import BaseChannelLayer
from lanchat.metrics import Count, uncounted
from lanchat.notify import Notifications, StartupNotices
from lanchat.protocol import NodeInfo
from lanchat.rooms import RoomRegistry
from lanchat.sessions.hub import Hub

OWNERS = "node.owners"
"""The layer's group of those who speak as the owner: windows, and scripts that chose no name of their own."""
LISTENERS = {"window": "node.lists.window", "guest": "node.lists.guest"}
"""The layer's groups of those who want the list of rooms, by kind of client."""


class SessionContext(msgspec.Struct, frozen=True):
    """What a client meets at one of the node's two doors.

    Attributes:
        node: this node.
        owner: the person whose node it is.
        rooms: the rooms.
        journal: their history.
        layer: what carries messages to clients.
        notifications: tells people what is for them, in whatever room they are.
        list_for: gives the encoded list of rooms for a kind of client.
        is_key: at the window's door, whether a token is a valid key; None at the network's door, which asks for none.
        hub: the clients of the node, by what they listen to.
        address: gives the URL at which a browser on the network joins; empty where it is not told.
        presence_owners: by room and node, the link that said last who is there.
        exchange: exports and imports rooms, at the window's door; None at the network's.
        startup_notices: what every window is told when it opens.
        count: counts what happens.
    """

    node: NodeInfo
    owner: Owner
    rooms: RoomRegistry
    journal: Journal
    layer: BaseChannelLayer
    notifications: Notifications
    list_for: Callable[[str], bytes]
    is_key: Callable[[str], bool] | None
    hub: Hub
    address: Callable[[], str] = str
    presence_owners: dict[tuple[str, str], object] = msgspec.field(default_factory=dict)
    exchange: Exchange | None = None
    startup_notices: StartupNotices = msgspec.field(default_factory=StartupNotices)
    count: Count = uncounted
