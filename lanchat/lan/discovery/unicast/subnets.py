"""Looking for nodes at each address of the own subnets: when somebody asks for it, at a pace, and never beyond them."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_interface

from lanchat.lan.addresses import InterfaceAddress

WIDEST = 22
"""Prefix of the largest part of a subnet that is searched, around the own address: 1,022 addresses."""
MOST_SUBNETS = 3
AT_ONCE = 128
"""Addresses that are tried at the same time."""
PATIENCE = 0.5
"""Seconds for one of them. Whoever is there answers on a LAN in a few milliseconds."""
_PACE = 0.002


def to_sweep(links: Iterable[InterfaceAddress]) -> list[str]:
    """Return the addresses to look at: those around this machine in its own private IPv4 subnets, the nearest first."""
    found: dict[IPv4Address, None] = {}
    own = [ip_address(link.address) for link in links]
    subnets = (private_part(link.address, link.prefix) for link in links if not link.virtual)
    for subnet in list(dict.fromkeys(subnet for subnet in subnets if subnet is not None))[:MOST_SUBNETS]:
        found |= dict.fromkeys(subnet.hosts())
    return [str(address) for address in found if address not in own]


async def sweep(addresses: Iterable[str], port: int, ask: Callable[[str], Awaitable[None]]) -> None:
    """Connect to a port of each address, and call `ask` for those at which somebody listens.

    Args:
        addresses: where to look.
        port: the TCP port.
        ask: finds out who it is; it must not raise.
    """
    left = iter(addresses)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(_work(left, port, ask))
            await asyncio.sleep(_PACE)


async def _work(left: Iterator[str], port: int, ask: Callable[[str], Awaitable[None]]) -> None:
    for address in left:
        if await _listens(address, port):
            await ask(address)


async def _listens(address: str, port: int) -> bool:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.sock_connect(probe, (address, port))
        except (OSError, TimeoutError):
            return False
    return True


def private_part(address: str, prefix: int) -> IPv4Network | None:
    """Return the part around an address of its private IPv4 network that is looked at; None where it is in none.

    Args:
        address: of a machine, without a zone.
        prefix: length of the prefix of its network.
    """
    network = ip_interface(f"{address}/{max(prefix, WIDEST)}").network
    if not isinstance(network, IPv4Network) or not network.is_private or network.is_loopback or network.is_link_local:
        return None
    return network if prefix < 31 else None  # noqa: PLR2004 - nobody else is in a network of one or two
