"""`lanchat doctor` before and after the repair that it names, as somebody at a terminal sees it.

A firewall is opened by the very command that the doctor prints; what else it names is done as it says.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab.scenarios.test_doctor import isolation, no_ipv4, no_network, other_subnet, vpn
from tests.support.conditions import LONG
from tests.support.faults import jumped
from tests.support.lan.hosts import Host, Lan, ip, root
from tests.support.lan.nodes import LANCHAT, Node, Window

Pair = tuple[Node, Node]
Fault = Callable[[Host], AbstractContextManager[None]]
TROUBLED = 4


@pytest.fixture
def pair(lan: Lan, programs: list[Any], tmp_path: Path) -> Iterator[Pair]:
    """Ann, and bob who has a mirror of her room and calls the doctor; a router that answers."""
    nodes: list[Node] = []
    try:
        for name, opened in (("ann", "lounge"), ("bob", "den")):
            host = lan.host(name)
            host.run("ip", "route", "add", "default", "via", lan.address(1))
            nodes.append(Node(host, tmp_path / name, "--nick", name, "--name", name, "--room", opened))
        window = Window(nodes[1])
        programs.append(window)
        window.until(lambda: "lounge" in window.rooms())
        window.open("lounge")
        ip("addr", "add", f"{lan.address(1)}/24", "dev", lan.bridge)
        yield nodes[0], nodes[1]
    finally:
        for node in nodes:
            node.end()


def doctor(node: Node) -> list[dict[str, Any]]:
    """Call `lanchat doctor` at a node's machine, and give what it finds."""
    call = ["ip", "netns", "exec", node.host.name, *LANCHAT, "doctor", "--data-dir", str(node.data_dir), "--json"]
    done = subprocess.run(call, cwd=root(), capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    assert done.returncode == (TROUBLED if found else 0)
    return found


def until_doctor_names(node: Node, *causes: str) -> list[dict[str, Any]]:
    """Call the doctor until it names these causes and no others: what was found before is known for a while."""
    deadline = time.monotonic() + LONG
    while True:
        found = doctor(node)
        if [each["cause"] for each in found] == list(causes):
            return found
        assert time.monotonic() < deadline, found


@contextmanager
def firewall(host: Host, chain: str, drop: str) -> Iterator[None]:
    """A firewall as distributions set it up: table `filter`, with a chain of the hook's name."""
    hook = f"{{ type filter hook {chain} priority 0; }}"
    host.run("nft", f"add table inet filter; add chain inet filter {chain} {hook}; add rule inet filter {chain} {drop}")
    try:
        yield
    finally:
        host.run("nft", "delete table inet filter")


def by_its_command(finding: dict[str, Any], host: Host) -> None:
    """Type the command of a finding that is for this machine's firewall."""
    [command] = [each for each in finding["commands"] if " nft " in each]
    host.run(*command.removeprefix("sudo ").split())


FIREWALLS = [
    ("input", "tcp dport 28280 ct state new drop", "port_closed"),
    ("input", "udp dport 5353 drop", "multicast_in_blocked"),
    ("output", "udp dport 5353 drop", "multicast_out_blocked"),
]
NETWORKS: list[tuple[Fault, str, str]] = [
    (no_network, "no_network", "Plug the cable in"),
    (no_ipv4, "no_ipv4", "set an address by hand"),
    (isolation, "client_isolation", "“client isolation”"),
    (other_subnet, "other_subnet", "Join the same Wi-Fi or cable"),
    (vpn, "vpn", "Turn the VPN off"),
]


def test_the_command_that_it_prints_opens_the_firewall(pair: Pair) -> None:
    _, node = pair
    until_doctor_names(node)
    for chain, drop, cause in FIREWALLS:
        with firewall(node.host, chain, drop):
            [finding] = until_doctor_names(node, cause)
            by_its_command(finding, node.host)
            until_doctor_names(node)


@pytest.mark.soak  # five seconds for each call of the doctor; test_doctor asks the node itself in `make test`
def test_what_it_says_mends_the_network(pair: Pair) -> None:
    _, node = pair
    until_doctor_names(node)
    for break_it, cause, says in NETWORKS:
        with break_it(node.host):
            [finding] = until_doctor_names(node, cause)
            assert says in finding["remedy"]
        until_doctor_names(node)
    with jumped(node.clock, 7_200):
        [finding] = until_doctor_names(node, "clock")
        assert finding["remedy"].startswith("Set the clock")
    until_doctor_names(node)


@pytest.mark.soak
def test_another_name_tells_two_machines_apart(pair: Pair, lan: Lan, tmp_path: Path) -> None:
    _, node = pair
    same = Node(lan.host("cleo"), tmp_path / "cleo", "--name", "bob", "--room", "attic")
    try:
        [finding] = until_doctor_names(node, "same_name")
        assert finding["commands"] == ["lanchat --name NAME"]
        assert "is called bob as well" in node.log.read_text(), "its window was told as well"
        same.stop()
        other = Node(same.host, same.data_dir, "--name", "cleo")
        try:
            until_doctor_names(node)
        finally:
            other.end()
    finally:
        same.end()
