"""Passing a room on: the address by which a browser comes into it, and the same as a picture."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from lanchat.protocol import NetworkKind, OwnAddress, Share, Shared
from lanchat.rooms import Room
from lanchat.sessions.havens import havens_of, is_near
from lanchat.sessions.session import Session, is_secure

MOST_FURTHER = 3
"""Most other addresses of this node that a link carries, and most of other nodes of the room."""
_NOT_FURTHER = frozenset({"loopback", "virtual"})
_PICTURES = 64
"""QR codes that are kept: each takes some milliseconds, and everybody who is shown an address is shown the same few."""


async def share(session: Session, command: Share) -> Shared:
    """Return how others come into a room. Raises NoSuchRoom, NotModerator: this person may not make invitations."""
    context = session.context
    room = context.rooms.get(command.room)
    if command.invitation:
        context.access.check(session.visitor, "admit", room.id)
    addresses = await asyncio.to_thread(context.own_addresses)
    if not session.visitor.owner:
        addresses = [_came_by(session, addresses)]
    urls = [address.url for address in addresses]
    at = command.at if command.at in urls else urls[0]
    link = room_link(at, room.id, command.invitation, further=further(at, addresses), others=others_of(room))
    picture = await asyncio.to_thread(qr_code, link)
    return Shared(
        room=room.id, link=link, qr=list(picture), at=at, addresses=addresses, program=await context.program()
    )


def room_link(url: str, room: str, code: str = "", *, further: Sequence[str] = (), others: Sequence[str] = ()) -> str:
    """Return the address at which a browser goes into a room, with an invitation if there is one.

    What is behind the `#` stays in the browser. The room stands there by its id: a name may be long, of any script, and
    another one tomorrow, and who comes too late must not make a room by it.

    Args:
        url: of the node.
        room: id of the room.
        code: of the invitation; empty for none.
        further: other addresses of that node, as `host:port`, for who does not reach the first.
        others: those of other nodes of the room.
    """
    parts = {"r": room, "i": code, "a": ",".join(further), "o": ",".join(others)}
    return f"{url}#" + "&".join(f"{name}={value}" for name, value in parts.items() if value)


def further(at: str, addresses: Sequence[OwnAddress]) -> list[str]:
    """Return the other addresses of this node by which somebody may come who does not reach the one that was chosen."""
    return [urlsplit(each.url).netloc for each in addresses if each.url != at and each.network not in _NOT_FURTHER][
        :MOST_FURTHER
    ]


def others_of(room: Room) -> list[str]:
    """Return where other nodes of a room answer: its home, and those that vote."""
    home = [] if room.kind == "home" else [address for address in room.record.addresses[:1] if is_near(address)]
    return list(dict.fromkeys([*home, *(haven.address for haven in havens_of(room).nodes)]))[:MOST_FURTHER]


@lru_cache(_PICTURES)
def qr_code(text: str) -> tuple[str, ...]:
    """Return a QR code (ISO/IEC 18004) as rows of 0 and 1, without its quiet zone."""
    import segno  # noqa: PLC0415 - for those who invite somebody

    return tuple("".join(str(int(dark)) for dark in row) for row in segno.make_qr(text, error="m").matrix)


def _came_by(session: Session, addresses: list[OwnAddress]) -> OwnAddress:
    """Return the address by which a guest came: one that works for them, and tells nothing about other networks."""
    headers = dict(session.socket.scope["headers"])
    host = headers[b"host"].decode("ascii")
    url = f"{'https' if is_secure(session.socket) else 'http'}://{host}/"
    name = urlsplit(url).hostname or ""
    known = next((each.network for each in addresses if urlsplit(each.url).hostname == name), None)
    return OwnAddress(url=url, network=known or _kind_of(name))


def _kind_of(name: str) -> NetworkKind:
    try:
        return "loopback" if name == "localhost" or ip_address(name).is_loopback else "other"
    except ValueError:
        return "other"
