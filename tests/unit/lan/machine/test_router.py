from pathlib import Path

import pytest

from lanchat.lan.addresses import InterfaceAddress
from lanchat.lan.machine import router as module
from lanchat.lan.machine.router import gateway, network_names

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""
NEIGHBOURS = """IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         {flags}         02:00:00:00:00:01     *        eth0
"""


def test_the_router_is_that_of_the_default_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = tmp_path / "route"
    monkeypatch.setattr(module, "_ROUTES", routes)
    assert gateway() == ""
    routes.write_text(ROUTES)
    assert gateway() == "192.0.2.1"
    routes.write_text("\n".join([ROUTES.splitlines()[0], ROUTES.splitlines()[2]]))
    assert gateway() == ""


def test_a_network_is_known_by_its_router_and_its_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = [
        InterfaceAddress("eth0", 2, "192.0.2.5", 24),
        InterfaceAddress("eth0", 2, "192.0.2.6", 24),
        InterfaceAddress("eth0", 2, "2001:db8::5", 64),
        InterfaceAddress("eth0", 2, "fe80::5", 64),
        InterfaceAddress("eth0", 2, "169.254.7.7", 16),
        InterfaceAddress("lo", 1, "127.0.0.1", 8),
    ]
    routes, neighbours = tmp_path / "route", tmp_path / "arp"
    monkeypatch.setattr(module, "_ROUTES", routes)
    monkeypatch.setattr(module, "_NEIGHBOURS", neighbours)
    assert network_names(links) == ["- - 192.0.2.0/24", "- - 2001:db8::/64"]
    routes.write_text(ROUTES)
    assert network_names(links[:1]) == ["192.0.2.1 - 192.0.2.0/24"]
    neighbours.write_text(NEIGHBOURS.format(flags="0x2"))
    assert network_names(links[:1]) == ["192.0.2.1 02:00:00:00:00:01 192.0.2.0/24"]
    neighbours.write_text(NEIGHBOURS.format(flags="0x0").replace("02:00:00:00:00:01", "00:00:00:00:00:00"))
    assert network_names(links[:1]) == ["192.0.2.1 - 192.0.2.0/24"]
