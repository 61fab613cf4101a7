"""To what addresses lead, and which of them people are told."""

import sys
from pathlib import Path

import pytest

from lanchat.lan import networks
from lanchat.lan.addresses import MAX_OWN, InterfaceAddress, reach
from lanchat.lan.networks import network_kind, own_addresses, shareable

LOOPBACK = InterfaceAddress("lo", 1, "127.0.0.1", 8)
CABLE = InterfaceAddress("enp3s0", 2, "192.0.2.5", 24)
WIFI = InterfaceAddress("wlp2s0", 3, "198.51.100.5", 24)
V6 = InterfaceAddress("enp3s0", 2, "2001:db8::5", 64)
ALSO_V6 = InterfaceAddress("enp3s0", 2, "2001:db8::6", 64)
TUNNEL = InterfaceAddress("wg0", 4, "10.8.0.5", 24, virtual=True)
BRIDGE = InterfaceAddress("docker0", 5, "172.17.0.1", 16, virtual=True)


@pytest.mark.parametrize(
    ("interface", "address", "virtual", "kind"),
    [
        ("lo", "127.0.0.1", False, "loopback"),
        ("lo", "::1", False, "loopback"),
        ("wlan0", "192.0.2.5", False, "wifi"),
        ("wlp2s0", "2001:db8::5", False, "wifi"),
        ("Wi-Fi", "192.0.2.5", False, "wifi"),
        ("eth0", "192.0.2.5", False, "cable"),
        ("enx0050b6112233", "192.0.2.5", False, "cable"),
        ("Ethernet 2", "192.0.2.5", False, "cable"),
        ("eth0", "169.254.7.7", False, "direct"),
        ("wg0", "10.8.0.5", True, "vpn"),
        ("tailscale0", "100.64.0.5", True, "vpn"),
        ("docker0", "172.17.0.1", True, "virtual"),
        ("{5E2C6F0A-1B7D}", "192.0.2.5", False, "other"),
        ("", "192.0.2.5", False, "other"),
    ],
)
def test_the_name_of_an_interface_tells_what_it_is(interface: str, address: str, virtual: bool, kind: str) -> None:
    assert network_kind(InterfaceAddress(interface, 1, address, 24, virtual), Path("/nowhere")) == kind


def test_linux_knows_a_radio_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "eth7" / "phy80211").mkdir(parents=True)
    assert network_kind(InterfaceAddress("eth7", 7, "192.0.2.5", 24), tmp_path) == "wifi"


def test_on_a_mac_a_card_may_be_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert network_kind(InterfaceAddress("en0", 4, "192.0.2.5", 24), Path("/nowhere")) == "other"


def told(*links: InterfaceAddress, bind: str = "", outward: str = "") -> list[InterfaceAddress]:
    return shareable(links, reach(links, bind), outward)


def test_every_network_is_told_and_that_of_the_default_route_first() -> None:
    assert told(LOOPBACK, CABLE, WIFI) == [CABLE, WIFI]
    assert told(LOOPBACK, CABLE, WIFI, outward=WIFI.address) == [WIFI, CABLE]


def test_ipv6_is_told_once_and_only_where_there_is_nothing_shorter() -> None:
    assert told(LOOPBACK, CABLE, V6, ALSO_V6) == [CABLE]
    assert told(LOOPBACK, V6, ALSO_V6) == [V6]


def test_a_vpn_is_told_and_a_container_is_not() -> None:
    assert told(LOOPBACK, CABLE, TUNNEL, BRIDGE) == [CABLE, TUNNEL]
    assert told(LOOPBACK, CABLE, TUNNEL, bind=CABLE.address) == [CABLE]


def test_without_a_network_there_is_this_computer() -> None:
    assert [link.address for link in told(LOOPBACK)] == ["127.0.0.1"]


def test_very_many_are_cut() -> None:
    many = [InterfaceAddress(f"eth{n}", n, f"192.0.{n}.5", 24) for n in range(20)]
    assert len(told(*many)) == MAX_OWN


def test_there_is_always_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "read_links", lambda: [LOOPBACK, CABLE])
    monkeypatch.setattr(networks, "outward_address", lambda: "")
    assert own_addresses() == [("192.0.2.5", "cable", "enp3s0")]
    assert own_addresses("203.0.113.7") == [("203.0.113.7", "other", "")]
