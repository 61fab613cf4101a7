"""Whether what is said to everybody leaves this machine, and whether this machine hears it."""

import asyncio
import secrets
import socket
import struct

from lanchat.lan.diagnosis.facts import Echo
from lanchat.lan.diagnosis.remedies import MDNS_PORT

GROUP = "224.0.0.251"
"""The group of multicast DNS over IPv4 (RFC 6762, section 3)."""
PATIENCE = 1.0
"""Seconds in which an own question has to come back."""
_TRIES = 3
_TXT, _IN = 16, 1


async def hear_oneself(interface: str, address: str) -> Echo:
    """Ask everybody on one network for a name that nobody has, and see whether a second socket here hears it.

    It is heard as anybody's question would be: what a firewall keeps out is not.

    Args:
        interface: name of the interface, for the answer.
        address: its IPv4 address.
    """
    marker = secrets.token_hex(8).encode()
    try:
        with _listener(address) as listener, _speaker(address) as speaker:
            for _ in range(_TRIES):
                speaker.sendto(_question(marker), (GROUP, MDNS_PORT))
                if await _heard(listener, marker):
                    return Echo(interface, sent=True, heard=True)
    except OSError as error:
        return Echo(interface, sent=False, heard=False, reason=error.strerror or str(error))
    return Echo(interface, sent=True, heard=False)


def _listener(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("", MDNS_PORT))
        joining = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(address))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joining)
    except OSError:
        listener.close()
        raise
    return listener


def _speaker(address: str) -> socket.socket:
    speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        speaker.setblocking(False)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        speaker.bind((address, 0))
    except OSError:
        speaker.close()
        raise
    return speaker


def _question(marker: bytes) -> bytes:
    """Return a DNS question (RFC 1035, section 4.1) for the text of `MARKER.local`."""
    name = b"".join(bytes([len(label)]) + label for label in (marker, b"local")) + b"\0"
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + name + struct.pack("!2H", _TXT, _IN)


async def _heard(listener: socket.socket, marker: bytes) -> bool:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE / _TRIES):
            while marker not in await loop.sock_recv(listener, 9_000):
                continue
    except TimeoutError:
        return False
    return True
