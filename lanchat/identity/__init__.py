"""Who this node and its person are, and what people and rooms may be called."""

from lanchat.identity import names
from lanchat.identity.names import room_name
from lanchat.identity.node import identify
from lanchat.identity.owner import Owner

__all__ = [
    "Owner",
    "identify",
    "names",
    "room_name",
]
