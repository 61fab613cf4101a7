"""`lanchat doctor` on networks with one fault each: it names that fault, and after the repair it names none."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.conditions import LONG
from tests.support.faults import jumped
from tests.support.lan.agents import Agent, Program, room
from tests.support.lan.hosts import Host, Lan, ip, root
from tests.support.lan.nodes import LANCHAT, Node, Window

Fault = Callable[[Host], AbstractContextManager[None]]


Look = Callable[[Node], Window]


@pytest.fixture
def pair(lan: Lan, look: Look, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Two nodes that know each other: the second has a mirror of a room of the first."""
    nodes: list[Node] = []
    try:
        for name, opened in (("ann", "lounge"), ("bob", "den")):
            host = lan.host(name)
            host.run("ip", "route", "add", "default", "via", lan.address(1))
            nodes.append(Node(host, tmp_path / name, "--nick", name, "--name", name, "--room", opened))
        window = look(nodes[1])
        window.until(lambda: "lounge" in window.rooms())
        window.open("lounge")
        ip("addr", "add", f"{lan.address(1)}/24", "dev", lan.bridge)  # a router that answers
        yield nodes[0], nodes[1]
    finally:
        for node in nodes:
            node.end()


@pytest.fixture
def look(programs: list[Program], nothing_left: None) -> Look:
    def look(node: Node) -> Window:
        window = Window(node)
        programs.append(window)
        return window

    return look


def until_named(window: Window, *causes: str) -> None:
    """Ask until these causes and no others are named: what was found before is known for a while."""
    deadline = time.monotonic() + LONG
    while (answer := asked(window)) != list(causes):
        assert time.monotonic() < deadline, answer


def asked(window: Window) -> list[str]:
    diagnosis = window.answer("diagnosis", window.do("send", frame={"type": "diagnose", "ref": 1}))
    assert diagnosis["tried"]
    return [finding["cause"] for finding in diagnosis["findings"]]


@contextmanager
def rules(host: Host, chain: str, *drops: str) -> Iterator[None]:
    """A firewall in a host."""
    table = "add table inet wall; add chain inet wall drops"
    host.run(
        "nft",
        f"{table} {{ type filter hook {chain} priority 0; }};"
        + "".join(f"add rule inet wall drops {drop} drop;" for drop in drops),
    )
    try:
        yield
    finally:
        host.run("nft", "delete table inet wall")


def multicast_out(host: Host) -> AbstractContextManager[None]:
    return rules(host, "output", "udp dport 5353")


def multicast_in(host: Host) -> AbstractContextManager[None]:
    return rules(host, "input", "udp dport 5353")


def port_closed(host: Host) -> AbstractContextManager[None]:
    return rules(host, "input", "tcp dport 28280 ct state new")


@contextmanager
def multicast_lost(_: Host) -> Iterator[None]:
    """An access point that carries no multicast."""
    chain = "add table bridge ap; add chain bridge ap f { type filter hook forward priority 0; };"
    groups = ("01:00:5e:00:00:fb", "33:33:00:00:00:fb")
    drops = "".join(f"add rule bridge ap f ether daddr {group} drop;" for group in groups)
    subprocess.run(["nft", chain + drops], check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete table bridge ap"], check=True)


@contextmanager
def isolation(host: Host) -> Iterator[None]:
    """An access point that keeps its members apart."""
    for each in host.lan.hosts:
        ip("link", "set", f"eth0-{each.name}", "type", "bridge_slave", "isolated", "on")
    try:
        yield
    finally:
        for each in host.lan.hosts:
            ip("link", "set", f"eth0-{each.name}", "type", "bridge_slave", "isolated", "off")


@contextmanager
def no_network(host: Host) -> Iterator[None]:
    host.run("ip", "link", "set", "eth0", "down")
    try:
        yield
    finally:
        host.run("ip", "link", "set", "eth0", "up")
        host.run("ip", "route", "replace", "default", "via", host.lan.address(1))


@contextmanager
def no_ipv4(host: Host) -> Iterator[None]:
    host.run("ip", "-6", "addr", "add", "2001:db8::5/64", "dev", "eth0")
    host.take(host.address)
    try:
        yield
    finally:
        host.give(host.address)
        host.run("ip", "-6", "addr", "del", "2001:db8::5/64", "dev", "eth0")
        host.run("ip", "route", "replace", "default", "via", host.lan.address(1))


@contextmanager
def other_subnet(host: Host) -> Iterator[None]:
    """Another part of the network, without IPv6: by that, machines on one wire reach each other all the same."""
    host.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
    host.run("ip", "addr", "del", f"{host.address}/24", "dev", "eth0")
    host.run("ip", "addr", "add", "10.99.0.5/24", "dev", "eth0")
    try:
        yield
    finally:
        host.run("ip", "addr", "del", "10.99.0.5/24", "dev", "eth0")
        host.give(host.address)
        host.run("ip", "route", "replace", "default", "via", host.lan.address(1))
        host.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0")


@contextmanager
def vpn(host: Host) -> Iterator[None]:
    """A VPN that takes everything, and lets nothing near."""
    host.run("ip", "link", "add", "tun0", "type", "veth", "peer", "name", "far")
    host.run("ip", "addr", "add", "198.18.0.2/32", "dev", "tun0")
    host.run("ip", "link", "set", "tun0", "up")
    host.run("ip", "link", "set", "far", "up")
    host.run("ip", "route", "replace", "default", "dev", "tun0", "src", "198.18.0.2")
    try:
        with rules(host, "output", 'oifname "eth0"'):
            yield
    finally:
        host.run("ip", "link", "del", "tun0")
        host.run("ip", "route", "replace", "default", "via", host.lan.address(1))


FAULTS: list[tuple[Fault, str]] = [
    (multicast_out, "multicast_out_blocked"),
    (multicast_in, "multicast_in_blocked"),
    (port_closed, "port_closed"),
    (no_network, "no_network"),
    (no_ipv4, "no_ipv4"),
    (isolation, "client_isolation"),
    (other_subnet, "other_subnet"),
    (vpn, "vpn"),
]


def test_each_fault_is_named_and_gone_after_the_repair(pair: tuple[Node, Node], look: Look) -> None:
    _, node = pair
    window = look(node)
    until_named(window)
    for break_it, cause in FAULTS:
        with break_it(node.host):
            until_named(window, cause)
        until_named(window)
    with multicast_lost(node.host):
        node.stop()
        node.again()  # whom it found before, it would still know
        again = look(node)
        until_named(again, "multicast_lost")
        command = [*LANCHAT, "doctor", "--data-dir", str(node.data_dir)]
        done = subprocess.run(
            ["ip", "netns", "exec", node.host.name, *command], cwd=root(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 4
        assert "ann answers by its address, but the network does not carry what is said to everybody" in done.stdout
    until_named(again)


def test_a_wrong_clock_a_name_given_twice_and_an_old_version_are_named(
    pair: tuple[Node, Node], lan: Lan, look: Look, start: Callable[..., Agent]
) -> None:
    _, node = pair
    window = look(node)
    with jumped(node.clock, 7_200):
        until_named(window, "clock")
    until_named(window)
    agent = start(lan.host("cleo"), "--name", "bob")  # it answers as a version did that was asked for nothing else
    agent.advertise(room("attic"))
    until_named(window, "other_version", "same_name")
