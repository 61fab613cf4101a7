"""What may happen to packets on their way through `lo`. Works only inside `tests/support/lan/lab`, by nftables."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Literal

Towards = Literal["server", "client", "both"]
_numbers = count(1)


@contextmanager
def lossy(percent: int) -> Iterator[None]:
    """This share of all TCP packets is lost, both ways."""
    with _dropped(f"meta l4proto tcp numgen random mod 100 < {percent}"):
        yield


@contextmanager
def partition(*ports: int, towards: Towards = "both") -> Iterator[None]:
    """No packet gets to the servers on these ports, or none from them, or neither. Nobody is told."""
    numbers = "{" + ", ".join(str(port) for port in ports) + "}"
    rules = {"server": f"tcp dport {numbers}", "client": f"tcp sport {numbers}"}
    with _dropped(*(rule for way, rule in rules.items() if towards in {way, "both"})):
        yield


@contextmanager
def _dropped(*rules: str) -> Iterator[None]:
    if not os.environ.get("LAN_LAB"):
        raise RuntimeError("The network is broken inside tests/support/lan/lab only.")
    table = f"inet fault_{os.getpid()}_{next(_numbers)}"
    chain = f"add chain {table} out {{ type filter hook output priority 0; }};"
    # Output and not input: a packet that is dropped on its way out of lo never was on the wire.
    _nft(f"add table {table}; {chain}" + "".join(f"add rule {table} out oif lo {rule} drop;" for rule in rules))
    try:
        yield
    finally:
        _nft(f"delete table {table}")


def _nft(script: str) -> None:
    done = subprocess.run(["nft", script], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"nft: {done.stderr.strip()}")
