"""What the ways from a node's mirrors to whoever numbers them need of the node."""

from collections.abc import Awaitable, Callable

import msgspec

from lanchat.identity import Seal
from lanchat.journal import Journal
from lanchat.limits import Limits
from lanchat.metrics import Count
from lanchat.notify import Notifications
from lanchat.protocol import NodeInfo
from lanchat.rooms import Access, Doorkeeper, Room


class LinkParts(msgspec.Struct, frozen=True):
    """The parts of one node.

    Attributes:
        node: the node.
        journal: keeps events and the outbox.
        seal: signs what leaves it.
        access: the gate.
        doors: follows the rules of rooms.
        notifications: tells its people what comes.
        limits: what others may ask of it.
        set_aside: empties a mirror that cannot go on from where it is.
        on_change: called when what can be reached has changed.
        count: counts what happens.
    """

    node: NodeInfo
    journal: Journal
    seal: Seal
    access: Access
    doors: Doorkeeper
    notifications: Notifications
    limits: Limits
    set_aside: Callable[[Room], Awaitable[None]]
    on_change: Callable[[], None]
    count: Count
