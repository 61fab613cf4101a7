"""Which addresses are told, which are believed."""

import socket
from collections.abc import Mapping

import ifaddr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanchat.lan.addresses import (
    InterfaceAddress,
    InterfaceState,
    address_to_show,
    lan_address,
    links_of,
    reach,
    read_links,
    with_zone,
)

WLAN = InterfaceAddress("wlan0", 3, "192.168.1.5", 24)
CABLE = InterfaceAddress("eth0", 2, "10.1.2.3", 8)
LOOP = InterfaceAddress("lo", 1, "127.0.0.1", 8)
LOOP6 = InterfaceAddress("lo", 1, "::1", 128)
DOCKER = InterfaceAddress("docker0", 4, "172.17.0.1", 16, virtual=True)
UNIQUE_LOCAL = InterfaceAddress("wlan0", 3, "fd00::5", 64)
LINK_LOCAL = InterfaceAddress("wlan0", 3, "fe80::5", 64)
PUBLIC = InterfaceAddress("eth0", 2, "11.0.0.9", 24)
MESH = InterfaceAddress("ts0", 9, "100.100.1.1", 10)
NONE_GIVEN = InterfaceAddress("eth0", 2, "169.254.7.7", 16)


class State:
    def __init__(self, isup: bool = True, flags: str = "") -> None:
        self.isup, self.flags = isup, flags


def adapter(name: str, *addresses: str, index: int = 2, nice: str = "", friendly: str = "") -> ifaddr.Adapter:
    ips = []
    for text in addresses:
        address, _, prefix = text.partition("/")
        ip: str | tuple[str, int, int] = (address, 0, index) if ":" in address else address
        ips.append(ifaddr.IP(ip, int(prefix), friendly or name))
    return ifaddr.Adapter(name, nice or name, ips, index=index)


def test_best_first_and_not_the_useless() -> None:
    links = [LOOP, LOOP6, DOCKER, LINK_LOCAL, UNIQUE_LOCAL, PUBLIC, WLAN, CABLE, MESH]
    assert reach(links).addresses == ["192.168.1.5", "10.1.2.3", "11.0.0.9", "fd00::5", "fe80::5"]


def test_addresses_without_a_server_are_better_than_none() -> None:
    assert reach([LOOP, NONE_GIVEN]).addresses == ["169.254.7.7"]
    assert reach([LOOP, NONE_GIVEN, WLAN]).addresses == ["192.168.1.5", "169.254.7.7"]


def test_virtual_networks_only_when_there_is_no_other() -> None:
    assert reach([LOOP, DOCKER]).addresses == ["172.17.0.1"]
    assert reach([LOOP, DOCKER, WLAN]).addresses == ["192.168.1.5"]


def test_without_a_network_it_is_loopback() -> None:
    alone = reach([LOOP])
    assert alone.addresses == ["127.0.0.1"]
    assert alone.accepts("127.0.0.1")
    assert reach([]).addresses == ["127.0.0.1"]
    assert reach([LOOP6]).addresses == ["127.0.0.1"]


def test_link_local_addresses_are_dialled_by_nodes_with_the_zone_and_shown_to_nobody() -> None:
    there = reach([LOOP6, LINK_LOCAL])
    zone = LINK_LOCAL.interface
    assert (there.addresses, there.scoped) == (["fe80::5"], [f"fe80::5%{zone}"])
    assert there.accepts(f"fe80::77%{zone}")
    for address in ("fe80::77", "fe80::77%other0", f"2001:db8::7%{zone}", f"fe80::77%{zone}%{zone}", f"::1%{zone}"):
        assert not there.accepts(address), address
    assert address_to_show([LOOP6, LINK_LOCAL]) == ""
    assert address_to_show([LINK_LOCAL, UNIQUE_LOCAL]) == "fd00::5"
    assert not reach([WLAN]).accepts(f"fe80::77%{WLAN.interface}"), "that interface has none itself"


def test_a_zone_is_named_as_the_interface_is() -> None:
    index, name = socket.if_nameindex()[0]
    assert with_zone(f"fe80::1%{index}") == f"fe80::1%{name}"
    for address in ("fe80::1%eth0", "fe80::1", "192.0.2.1", f"fe80::1%{2**40}", "fe80::1%99999"):
        assert with_zone(address) == address


def test_at_most_six() -> None:
    many = [InterfaceAddress("eth0", 2, f"10.0.0.{number}", 24) for number in range(1, 20)]
    assert len(reach(many).own) == 6


def test_bound_to_one() -> None:
    links = [LOOP, WLAN, CABLE]
    bound = reach(links, "10.1.2.3")
    assert bound.addresses == ["10.1.2.3"]
    assert bound.accepts("10.200.0.1")
    assert not bound.accepts("192.168.1.6")
    assert not bound.accepts("127.0.0.1")
    assert reach(links, "192.0.2.1").own == ()
    assert reach(links, "nonsense").addresses == reach(links).addresses
    for everything in ("", "0.0.0.0", "::"):
        assert reach(links, everything).addresses == ["192.168.1.5", "10.1.2.3"]


@pytest.mark.parametrize("bind", ["127.0.0.1", "localhost", "127.0.0.9"])
def test_bound_to_loopback(bind: str) -> None:
    bound = reach([WLAN, LOOP, LOOP6], bind)
    assert bound.addresses == [{"localhost": "127.0.0.1"}.get(bind, bind)]
    assert bound.own[0].interface == "lo"
    assert bound.accepts("127.0.0.1")
    assert not bound.accepts("192.168.1.6")


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "127.0.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255", "240.0.0.1", "100.100.1.2", "192.168.2.1",
        "192.168.1.0", "192.168.1.255", "::1", "::", "ff02::fb", "fe80::1", "fe80::1%3", "fd00:0:0:1::5",
        "::ffff:192.168.1.6", "", "localhost", "192.168.1.6:80", "192.168.1", "０.0.0.0",
    ],
)  # fmt: skip
def test_strangers_addresses_that_are_not_near(address: str) -> None:
    assert not reach([LOOP, LOOP6, WLAN, UNIQUE_LOCAL, LINK_LOCAL, MESH]).accepts(address)


def test_near_addresses() -> None:
    here = reach([LOOP, WLAN, UNIQUE_LOCAL, DOCKER])
    for address in ("192.168.1.6", "192.168.1.5", "fd00::6", "172.17.0.2"):
        assert here.accepts(address)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text() | st.ip_addresses().map(str))
def test_whatever_is_said_is_judged(address: str) -> None:
    assert reach([LOOP, WLAN]).accepts(address) in {True, False}
    if reach([LOOP, WLAN]).accepts(address):
        assert address.startswith("192.168.1.")


def test_reading_the_system_data() -> None:
    adapters = [
        adapter("eth0", "192.168.1.5/24", "fe80::5%eth0/64"),
        adapter("eth1", "10.0.0.1/8", index=3),
        adapter("{GUID}", "192.168.7.1/24", nice="VMware Virtual Ethernet Adapter", friendly="Ethernet 2", index=5),
        adapter("{OTHER}", "192.168.8.1/24", nice="Intel(R) Wi-Fi", friendly="WLAN", index=6),
        adapter("vpn", "10.9.0.2/32", index=7),
        adapter("br-0123456789ab", "172.18.0.1/16", index=8),
    ]
    states: Mapping[str, InterfaceState] = {
        "eth0": State(flags="up,broadcast"),
        "eth1": State(isup=False),
        "WLAN": State(),
        "Ethernet 2": State(),
        "vpn": State(flags="up,pointopoint"),
    }
    assert links_of(adapters, states) == [
        InterfaceAddress("eth0", 2, "192.168.1.5", 24),
        InterfaceAddress("eth0", 2, "fe80::5", 64),
        InterfaceAddress("{GUID}", 5, "192.168.7.1", 24, virtual=True),
        InterfaceAddress("{OTHER}", 6, "192.168.8.1", 24),
        InterfaceAddress("vpn", 7, "10.9.0.2", 32, virtual=True),
        InterfaceAddress("br-0123456789ab", 8, "172.18.0.1", 16, virtual=True),
    ]


def test_this_machine() -> None:
    assert all(link.index >= 0 for link in read_links())
    assert lan_address("127.0.0.1") == "127.0.0.1"
    assert lan_address() in reach(read_links()).addresses
    assert lan_address("192.0.2.77") == "192.0.2.77"
