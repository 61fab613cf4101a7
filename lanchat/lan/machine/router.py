"""Which network this machine is in: that of a router and a prefix."""

import socket
import struct
from collections.abc import Iterable
from ipaddress import ip_interface
from pathlib import Path

from lanchat.lan.addresses import InterfaceAddress

_ROUTES = Path("/proc/net/route")
_NEIGHBOURS = Path("/proc/net/arp")
_GATEWAY_FLAG = 0x2
_NOBODY = "00:00:00:00:00:00"


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


def network_names(links: Iterable[InterfaceAddress]) -> list[str]:
    """Return by what the networks of these links are known again: the router, its hardware address, and the prefix.

    Very many networks are 192.168.1.0/24 behind 192.168.1.1, so the hardware address counts where the system tells it.
    Link-local prefixes are everywhere, and name no network.
    """
    router = gateway()
    behind = f"{router or '-'} {_hardware(router) or '-'}"
    networks = (ip_interface(f"{link.address}/{link.prefix}").network for link in links)
    return list(dict.fromkeys(f"{behind} {net}" for net in networks if not (net.is_link_local or net.is_loopback)))


def _hardware(address: str) -> str:
    """Return the hardware address of a neighbour (ARP, RFC 826); empty where it is not known."""
    try:
        lines = _NEIGHBOURS.read_text().splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        fields = line.split()
        if len(fields) > 3 and fields[0] == address and fields[3] != _NOBODY:  # noqa: PLR2004
            return fields[3].lower()
    return ""
