"""Where else guests come into a room when their node is gone: its guests are told, and again on every change.

Those are the nodes that vote in the room: whoever may become its home may have its guests as well. Their addresses are
those from which they came here, so nobody names another machine's. Of a room that is numbered in Redis they are the
nodes at that Redis, who all may have its guests; who can write there can name a machine as well.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from lanchat.errors import LanchatError
from lanchat.layers import BaseChannelLayer
from lanchat.protocol import Haven, Havens, encode
from lanchat.rooms import Room
from lanchat.sessions.hub import Hub

_log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks at whether something has changed."""
MOST_HAVENS = 8
"""Most nodes that guests of one room are told of."""
_LOWEST_PORT = 1024
_NEAR = [
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
]
"""Networks in which a browser may be sent on; link-local IPv6 wants a zone, which no browser takes (RFC 6874)."""


def guests_of(room: Room) -> str:
    """Return the layer's group of the guests in a room: `guest.frame` (`frame`: what is for them only)."""
    return f"{room.group}.guests"


def havens_of(room: Room) -> Havens:
    """Return where else guests come into a room now."""
    others = [Haven(name=other.name, address=other.address) for other in room.seat.others] if room.seat else []
    admits = room.door.policy.guests != "off"
    nodes = [other for other in (*others, *room.elsewhere) if admits and is_near(other.address)]
    return Havens(room=room.id, nodes=nodes[:MOST_HAVENS])


def is_near(address: str) -> bool:
    """Return whether a browser may be sent to `host:port`: a private address, and no port of the system."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = ipaddress.ip_address(parts.hostname or ""), parts.port or 0
    except ValueError:
        return False
    return port >= _LOWEST_PORT and any(host in net for net in _NEAR if net.version == host.version)


async def keep_havens(rooms: Iterable[Room], hub: Hub, layer: BaseChannelLayer) -> None:
    """Tell guests of each room on every change where else they come into it. Runs until it is cancelled.

    Args:
        rooms: all rooms.
        hub: knows in which of them there are guests.
        layer: carries it to them.
    """
    told: dict[str, Havens] = {}
    while True:
        await asyncio.sleep(LOOK)
        visited = [room for room in rooms if hub.listeners(guests_of(room))]
        now = {room.id: havens_of(room) for room in visited}
        for room in visited:
            if now[room.id] == told.get(room.id, Havens(room=room.id, nodes=[])):
                continue
            try:
                frame = {"type": "guest.frame", "room": room.id, "frame": encode(now[room.id])}
                await layer.group_send(guests_of(room), frame)
            except LanchatError as error:
                _log.warning("Where else guests come into room %r could not be told: %s", room.name, error)
        told = now
