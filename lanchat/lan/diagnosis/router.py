"""Whether the router of this network answers: where it does and nobody else, the network keeps its members apart."""

import asyncio
import socket
import struct
from pathlib import Path

PATIENCE = 1.0
"""Seconds to wait for the router."""
_ROUTES = Path("/proc/net/route")
_NEIGHBOURS = Path("/proc/net/arp")
_GATEWAY_FLAG = 0x2
_COMPLETE_FLAG = 0x2


def gateway() -> str:
    """Return the IPv4 address of the default route's router; empty when there is none, or the system is not Linux."""
    try:
        lines = _ROUTES.read_text().splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        _, destination, router, flags, *_ = line.split()
        if destination == "00000000" and int(flags, 16) & _GATEWAY_FLAG:
            return socket.inet_ntoa(struct.pack("<L", int(router, 16)))
    return ""


async def answers(address: str) -> bool | None:
    """Return whether a router answers, be it that it refuses; None when that cannot be told."""
    if not address:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(address, 80)
            writer.close()
            return True
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return _is_neighbour(address)


def _is_neighbour(address: str) -> bool | None:
    """Return whether somebody has answered for this address on the wire (ARP, RFC 826)."""
    try:
        lines = _NEIGHBOURS.read_text().splitlines()[1:]
    except OSError:
        return None
    return any(line.split()[0] == address and int(line.split()[2], 16) & _COMPLETE_FLAG for line in lines)
