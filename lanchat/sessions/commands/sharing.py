"""Passing a room on: the address by which a browser comes into it, and the same as a picture."""

import asyncio
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from lanchat.protocol import NetworkKind, OwnAddress, Share, Shared
from lanchat.sessions.session import Session, is_secure

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
    link = room_link(at, room.id, command.invitation)
    picture = await asyncio.to_thread(qr_code, link)
    return Shared(
        room=room.id, link=link, qr=list(picture), at=at, addresses=addresses, program=await context.program()
    )


def room_link(url: str, room: str, code: str = "") -> str:
    """Return the address at which a browser goes into a room, with an invitation if there is one.

    What is behind the `#` stays in the browser. The room stands there by its id: a name may be long, of any script, and
    another one tomorrow, and who comes too late must not make a room by it.
    """
    return f"{url}#r={room}" + (f"&i={code}" if code else "")


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
