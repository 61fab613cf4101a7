"""To what each address of this machine leads, in a word that people know, and which of them are worth telling them."""

import re
import sys
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from lanchat.lan.addresses import MAX_OWN, InterfaceAddress, Reach, lan_address, outward_address, reach, read_links
from lanchat.protocol import NetworkKind

SYSFS = Path("/sys/class/net")
"""Where Linux says what its network cards are (Documentation/ABI/testing/sysfs-class-net)."""
_TUNNEL = re.compile(
    r"^(tun|tap|utun|wg|ppp|ipsec|gif|stf|zt|tailscale|ham)\w*$|nordlynx|proton|tailscale|wireguard|zerotier|openvpn"
    r"|TAP-|Wintun|CloudflareWARP",
    re.IGNORECASE,
)
_WIRELESS = re.compile(r"^(wl|wlan|ath|ra\d)\w*$|wi-?fi|wireless|wlan", re.IGNORECASE)
_WIRED = re.compile(r"^(eth|en[ospx]|em\d|lan)\w*$|ethernet", re.IGNORECASE)


def network_kind(link: InterfaceAddress, sysfs: Path = SYSFS) -> NetworkKind:
    """Return to what an address leads. Takes some microseconds.

    Linux knows which card is a radio; elsewhere only its name tells, and where that says nothing the kind is `other`.
    """
    address, name = ip_address(link.address), link.interface
    if address.is_loopback:
        return "loopback"
    if _TUNNEL.search(name):
        return "vpn"
    if link.virtual:
        return "virtual"
    if address.is_link_local:
        return "direct"
    if any((sysfs / name / sign).exists() for sign in ("wireless", "phy80211")) or _WIRELESS.search(name):
        return "wifi"
    # On a Mac en0 is a radio or a cable, as the model has it.
    wired = _WIRED.search(name) and not (sys.platform == "darwin" and re.fullmatch(r"en\d+", name))
    return "cable" if wired else "other"


def shareable(links: Iterable[InterfaceAddress], there: Reach, outward: str = "") -> list[InterfaceAddress]:
    """Return the addresses by which people may come: the best first, at most MAX_OWN.

    An interface that has IPv4 is told by that alone, which people can type; and of the IPv6 addresses of an interface
    one is enough, but none that is link-local: no browser takes the zone that it needs. VPNs are told as well, because
    colleagues come by them; containers are not.

    Args:
        links: all of this machine.
        there: which of them the node uses.
        outward: the address of the default route, which is the best one; empty when there is none.
    """
    usable = [link for link in there.own if not link.needs_zone]
    tunnels = [link for link in links if link in there.near and link not in there.own and network_kind(link) == "vpn"]
    every = [*usable, *tunnels]
    plain = {link.interface for link in every if ip_address(link.address).version == 4}  # noqa: PLR2004
    told: dict[tuple[str, str], InterfaceAddress] = {}
    for link in sorted(every, key=lambda link: link.address != outward):
        is_v4 = ip_address(link.address).version == 4  # noqa: PLR2004
        if is_v4 or link.interface not in plain:
            told.setdefault((link.interface, link.address if is_v4 else ""), link)
    return list(told.values())[:MAX_OWN]


def own_addresses(bind: str = "") -> list[tuple[str, NetworkKind, str]]:
    """Return the addresses of this machine that are worth telling people, each with its network and its interface.

    There is always one, also where `bind` is an address that this machine does not have now. It is empty where others
    reach this machine by link-local addresses of IPv6 only.

    Args:
        bind: the one address that the node listens on; empty for all.
    """
    links = read_links()
    found = shareable(links, reach(links, bind), outward_address())
    told = [(link.address, network_kind(link), link.interface) for link in found]
    return told or [(lan_address(bind), "other", "")]
