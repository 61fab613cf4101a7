"""Which addresses of this machine are worth announcing, and which of theirs are near enough to dial."""

import re
import socket
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from typing import Protocol

import ifaddr
import msgspec
import psutil

MAX_OWN = 6
"""The most addresses that a node announces."""

_LOOPBACK = "127.0.0.1"
_CARRIER_NAT = ip_network("100.64.0.0/10")
"""RFC 6598. On a computer it belongs to a mesh VPN, not to the LAN."""
_VIRTUAL = re.compile(
    r"^(docker\d*|br-[0-9a-f]{6,}|veth.*|virbr\d.*|vmnet\d+|vboxnet\d+|lxc.*|lxdbr.*|cni\d*|flannel.*|cali.*|podman\d*"
    r"|kube.*|tun\d*|tap\d*|utun\d*|wg\d*|ppp\d*|ipsec\d*|gif\d*|stf\d*|awdl\d*|llw\d*|anpi\d*|bridge100|zt.*"
    r"|tailscale.*|nordlynx|proton.*|ham\d*|ifb\d*|dummy\d*)$"
    r"|vEthernet|VirtualBox|VMware|Hyper-V|Tailscale|WireGuard|ZeroTier|OpenVPN|TAP-|Wintun|Npcap|CloudflareWARP",
    re.IGNORECASE,
)
_Address = IPv4Address | IPv6Address


class InterfaceState(Protocol):
    """What psutil reports of an interface."""

    @property
    def isup(self) -> bool:
        """Whether the cable is in, or the radio is connected."""

    @property
    def flags(self) -> str:
        """The flags of the system, separated by commas."""


class InterfaceAddress(msgspec.Struct, frozen=True):
    """One address of one interface.

    Attributes:
        interface: name of the interface as the operating system calls it.
        index: its number, which changes when the interface is taken out and put in again; 0 when unknown.
        address: IPv4 or IPv6 address without a zone.
        prefix: length of the subnet's prefix in bits.
        virtual: whether it leads to containers, virtual machines or a VPN rather than to the LAN.
    """

    interface: str
    index: int
    address: str
    prefix: int
    virtual: bool = False

    @property
    def needs_zone(self) -> bool:
        """Whether it means nothing without the name of an interface, so that it has no place in a browser."""
        return ":" in self.address and ip_address(self.address).is_link_local


class Reach(msgspec.Struct, frozen=True):
    """Where others reach this node, and whom it may dial because of a hint.

    Attributes:
        own: what to announce, best first; discovery uses these interfaces only.
        near: the subnets of these links count as near.
    """

    own: tuple[InterfaceAddress, ...]
    near: tuple[InterfaceAddress, ...]

    @property
    def addresses(self) -> list[str]:
        """The own addresses, best first."""
        return [link.address for link in self.own]

    @property
    def scoped(self) -> list[str]:
        """The own addresses as this machine dials them: a link-local one of IPv6 with its zone (RFC 4007)."""
        return [f"{link.address}%{link.interface}" if link.needs_zone else link.address for link in self.own]

    def accepts(self, address: str) -> bool:
        """Return whether `address`, which a stranger gave, lies in one of our own subnets.

        A link-local one of IPv6 does when it has the zone of an interface that has one itself.
        """
        try:
            given = ip_address(address)
        except ValueError:
            return False
        if isinstance(given, IPv6Address) and given.is_link_local:
            return any(given.scope_id == link.interface and link.needs_zone for link in self.near)
        if isinstance(given, IPv6Address) and (given.scope_id or given.ipv4_mapped):
            return False
        return any(_usable(given, _loopback(link.address)) and _within(given, link) for link in self.near)


def read_links() -> list[InterfaceAddress]:
    """Read the addresses of all interfaces that are up. Takes a millisecond on Linux, more elsewhere."""
    try:
        return links_of(ifaddr.get_adapters(), psutil.net_if_stats())
    except OSError:
        return []


def links_of(adapters: Iterable[ifaddr.Adapter], states: Mapping[str, InterfaceState]) -> list[InterfaceAddress]:
    """Return the links of the interfaces that are up.

    Args:
        adapters: as `ifaddr.get_adapters` gives them.
        states: as `psutil.net_if_stats` gives them; an interface that it does not know counts as up.
    """
    links = []
    for adapter in adapters:
        for entry in adapter.ips:
            # Windows: ifaddr names an adapter by its GUID, psutil by the friendly name, which is the address's.
            state = states.get(adapter.name) or states.get(entry.nice_name)
            if state is not None and not state.isup:
                continue
            names = (adapter.name, adapter.nice_name, entry.nice_name)
            pointed = state is not None and "pointopoint" in state.flags.split(",")
            virtual = pointed or any(_VIRTUAL.search(name) for name in names)
            text = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            links.append(
                InterfaceAddress(
                    adapter.name, adapter.index or 0, text.partition("%")[0], entry.network_prefix, virtual
                )
            )
    return links


def reach(links: Iterable[InterfaceAddress], bind: str = "") -> Reach:
    """Choose among the links of this machine.

    Without any network the node keeps to loopback, so that two nodes on one machine still find each other.

    Args:
        links: as `read_links` gives them.
        bind: the one address that the node listens on; empty, `0.0.0.0` or `::` for all.
    """
    links = list(links)
    bound = _parse(bind)
    if bound is not None and not bound.is_unspecified:
        own = [link for link in links if ip_address(link.address) == bound]
        if not own and bound.is_loopback:
            own = [_loopback_link(links, str(bound))]
        return Reach(tuple(own[:1]), tuple(own[:1]))
    usable = [link for link in links if _usable(ip_address(link.address))]
    real = [link for link in usable if not link.virtual and link.prefix not in {32, 128}]
    own = sorted(real or usable, key=_rank)[:MAX_OWN]
    if not own:
        alone = (_loopback_link(links, _LOOPBACK),)
        return Reach(alone, alone)
    return Reach(tuple(own), tuple(usable))


def lan_address(bind: str = "") -> str:
    """Return the address to show to people: the bound one, else that of the default route, else the best of the LAN.

    Empty where others reach this machine by link-local addresses of IPv6 only, which no browser takes.

    Args:
        bind: as in `reach`.
    """
    return address_to_show(read_links(), bind)


def address_to_show(links: Iterable[InterfaceAddress], bind: str = "") -> str:
    """Return the address to show to people, of a machine with these links: as `lan_address`."""
    there = reach(links, bind).own
    own = [link.address for link in there if not link.needs_zone]
    outward = outward_address()
    return outward if outward in own else next(iter(own), "" if there else bind or _LOOPBACK)


def mdns_name(node: str) -> str:
    """Return the host name under which a node announces its addresses: not the machine's own, which the system has."""
    return f"lanchat-{node[:8]}.local"


def with_zone(address: str) -> str:
    """Return an address with the zone as the name of an interface, where it has one as a number; else as it is."""
    host, _, zone = address.partition("%")
    if not zone.isdecimal():
        return address
    try:
        return f"{host}%{socket.if_indextoname(int(zone))}"
    except (OSError, OverflowError):
        return address


def _parse(bind: str) -> _Address | None:
    if bind == "localhost":
        return ip_address(_LOOPBACK)
    try:
        return ip_address(bind)
    except ValueError:
        return None


def _usable(address: _Address, loopback: bool = False) -> bool:
    """Whether a chat partner can live there; `loopback` when only this machine itself is meant."""
    if address.is_loopback or loopback:
        return address.is_loopback and loopback
    if address.is_multicast or address.is_unspecified:
        return False
    return isinstance(address, IPv6Address) or not (address.is_reserved or address in _CARRIER_NAT)


def _loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def _within(address: _Address, link: InterfaceAddress) -> bool:
    network = ip_interface(f"{link.address}/{link.prefix}").network
    if network.version != address.version or address not in network:
        return False
    edges = (network.network_address, network.broadcast_address)
    return link.prefix >= network.max_prefixlen - 1 or address not in edges


def _rank(link: InterfaceAddress) -> tuple[bool, bool, bool, bool]:
    address = ip_address(link.address)
    return (link.needs_zone, isinstance(address, IPv6Address), address.is_link_local, not address.is_private)


def _loopback_link(links: Iterable[InterfaceAddress], address: str) -> InterfaceAddress:
    for link in links:
        if _loopback(link.address) and ip_address(link.address).version == ip_address(address).version:
            return InterfaceAddress(link.interface, link.index, address, link.prefix)
    return InterfaceAddress("lo", 0, address, 8 if "." in address else 128)


def outward_address() -> str:
    """Return the source address of the default route; empty without one. Connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
