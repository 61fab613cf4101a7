"""A LAN of network namespaces on one bridge. Works only inside `tests/support/lan/lab`."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.support.places import ROOT

PREFIX = 24


class Host:
    """One machine of the LAN: a network namespace with an interface `eth0` that is plugged into the bridge.

    Args:
        lan: where it is plugged in.
        name: name of the namespace, at most ten characters.
        number: last part of its address.
        address: whether it has one from the beginning.
    """

    def __init__(self, lan: "Lan", name: str, number: int, *, address: bool) -> None:
        self.lan = lan
        self.name = name
        self.address = lan.address(number)
        self.cards: list[str] = []
        lan.hosts.append(self)
        self.appear(address=address)

    def appear(self, *, address: bool = True) -> None:
        """Put the machine there, with its cable in; after `vanish` it is a new one of the same name."""
        ip("netns", "add", self.name)
        self.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
        self.run("ip", "link", "set", "lo", "up")
        self.plug_in()
        if address:
            self.give(self.address)

    def vanish(self) -> None:
        """Take the machine away in the middle of everything: its cables, its programs, and its namespace."""
        # The kernel takes a namespace apart later; its cards would be in the way of the next LAN.
        for card in self.cards:
            _run("ip", "link", "del", card, check=False)
        self.cards.clear()
        for pid in _run("ip", "netns", "pids", self.name, check=False).split():
            _run("kill", "-KILL", pid, check=False)
        _run("ip", "netns", "del", self.name, check=False)

    def run(self, *command: str) -> str:
        """Run a program in the host to its end, and give what it prints."""
        return _run("ip", "netns", "exec", self.name, *command)

    def popen(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
        """Start a program in the host. The process id is the program's own: a signal hits it."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], text=True, **options)

    def plug_in(self, lan: "Lan | None" = None, card: str = "eth0") -> None:
        """Return the host a network card without an address, plugged into its own LAN or another one."""
        port = f"{card}-{self.name}"
        ip("link", "add", port, "type", "veth", "peer", "name", card, "netns", self.name)
        self.cards.append(port)
        ip("link", "set", port, "master", (lan or self.lan).bridge, "up")
        self.run("ip", "link", "set", card, "up")

    def pull_out(self, card: str = "eth0") -> None:
        """Take a network card out."""
        port = f"{card}-{self.name}"
        ip("link", "del", port)
        self.cards.remove(port)

    def give(self, address: str, card: str = "eth0") -> None:
        """Add an address, as DHCP does."""
        self.run("ip", "addr", "add", f"{address}/{PREFIX}", "brd", "+", "dev", card)

    def take(self, address: str) -> None:
        """Remove an address."""
        self.run("ip", "addr", "del", f"{address}/{PREFIX}", "dev", "eth0")

    def cut(self) -> None:
        """Pull the cable."""
        ip("link", "set", f"eth0-{self.name}", "down")

    def heal(self) -> None:
        """Put the cable back."""
        ip("link", "set", f"eth0-{self.name}", "up")

    def lose(self, percent: int) -> None:
        """Lose this share of the packets that the host sends; 0 ends it."""
        self.run("nft", "add table inet faults; delete table inet faults")
        if percent:
            chosen = f"numgen random mod 100 < {percent}" if percent < 100 else ""
            self.run(
                "nft",
                "add table inet faults; add chain inet faults out { type filter hook output priority 0; };"
                f"add rule inet faults out oif eth0 {chosen} drop",
            )

    def sent(self) -> int:
        """How many packets have left through the network card."""
        return int(self.run("cat", "/sys/class/net/eth0/statistics/tx_packets"))


class Lan:
    """A bridge and the hosts that are plugged into it; a context manager."""

    def __init__(self, bridge: str = "lan0", net: str = "10.77.0") -> None:
        if not os.environ.get("LAN_LAB"):
            raise RuntimeError("A LAN is made inside tests/support/lan/lab only.")
        self.bridge = bridge
        self.hosts: list[Host] = []
        self._net = net

    def __enter__(self) -> Self:
        # Without snooping: a bridge that snoops IGMP and has no querier is a fault of its own.
        ip("link", "add", self.bridge, "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
        ip("link", "set", self.bridge, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for host in self.hosts:
            host.vanish()
        ip("link", "del", self.bridge)

    def address(self, number: int) -> str:
        """Return the address with this last part."""
        return f"{self._net}.{number}"

    def host(self, name: str, *, address: bool = True) -> Host:
        """Plug another machine in."""
        return Host(self, name, 11 + len(self.hosts), address=address)


def ip(*arguments: str) -> None:
    """Run `ip` in the lab itself."""
    _run("ip", *arguments)


def _run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def root() -> Path:
    """The repository's top folder."""
    return ROOT
