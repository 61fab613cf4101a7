"""Whether the router of this network answers: where it does and nobody else, the network keeps its members apart."""

import asyncio
from pathlib import Path

PATIENCE = 1.0
"""Seconds to wait for the router."""
_NEIGHBOURS = Path("/proc/net/arp")
_COMPLETE_FLAG = 0x2


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
