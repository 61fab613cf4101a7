"""Networks beyond the own ones that a router joins: which they are says a machine that is in one of them as well.

A node says in which networks it is. One that answers near us, under its own key, is asked at its address in another
network, too. Where it answers there there is a way, and the network is one in which it is: nodes in it may be asked.
"""

import contextlib
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, ip_address, ip_interface

from lanchat.lan.discovery.unicast.subnets import private_part

MOST_OF_ONE = 2
"""Networks of one node."""
MOST = 16
"""Networks of all."""


class Beyond:
    """What nodes near us say of their other networks, and whether it has shown to be so.

    Args:
        answers: whether a node answers us at one of its addresses now.
    """

    def __init__(self, answers: Callable[[str, str], bool]) -> None:
        self._answers = answers
        self._said: dict[tuple[str, str], IPv4Network] = {}

    def say(self, node: str, networks: Iterable[str], accepts: Callable[[str], bool]) -> list[str]:
        """Take in which networks a node says that it is, in the place of what it said before.

        Args:
            node: its id, which it has proved at an address near us.
            networks: its addresses, each with the prefix.
            accepts: whether an address is near us.

        Returns:
            Its addresses in other private networks, at which it is to be asked.
        """
        found = {}
        for text in networks:
            with contextlib.suppress(ValueError):
                interface = ip_interface(text)
                part = private_part(str(interface.ip), interface.network.prefixlen)
                if part is not None and not accepts(str(interface.ip)):
                    found[node, str(interface.ip)] = part
        named = dict(list(found.items())[:MOST_OF_ONE])
        self._said = {key: part for key, part in self._said.items() if key[0] != node or key in named}
        for key, part in named.items():
            if key in self._said or self._has_space():
                self._said[key] = part
        return [address for of, address in self._said if of == node]

    def covers(self, host: str) -> bool:
        """Return whether an address is in a network in which a node near us answers."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in part and self._answers(*key) for key, part in self._said.items())

    def _has_space(self) -> bool:
        """Whether another network can be remembered: one that has not shown to be so makes place."""
        if len(self._said) >= MOST:
            vain = next((key for key in self._said if not self._answers(*key)), None)
            if vain is None:
                return False
            del self._said[vain]
        return True
