"""Who a request comes from when it comes through a proxy that this node was told to believe.

A proxy says in X-Forwarded-For and X-Forwarded-Proto whom it speaks for. Anybody can write that, so it counts only on
connections from the addresses in the setting `proxies`, and of a list only what those have added: the last address
that is none of theirs.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import hdrs, web

from lanchat.consumers.aiohttp import CLIENT, peer_of

Networks = Sequence[IPv4Network | IPv6Network]

_SCHEMES = ("http", "https")
_MOST = 16


class Proxies:
    """The proxies in front of a node.

    Args:
        networks: where their connections come from.
    """

    def __init__(self, networks: Networks = ()) -> None:
        self._networks = networks

    def __bool__(self) -> bool:
        return bool(self._networks)

    def has(self, address: str) -> bool:
        """Return whether a connection from this address is one of theirs."""
        if not self._networks:
            return False
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(found.version == network.version and found in network for network in self._networks)

    def look(self, request: web.Request) -> str:
        """Return the scheme by which the client came, and note its address at the request.

        The scheme is the connection's own where no proxy says another one.
        """
        if not self._networks or not self.has(peer_of(request.transport)):
            return request.scheme
        for said in reversed(",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, [])).split(",")[-_MOST:]):
            try:
                address = str(ip_address(said.strip()))
            except ValueError:
                break
            request[CLIENT] = address
            if not self.has(address):
                break
        scheme = request.headers.get(hdrs.X_FORWARDED_PROTO, request.scheme)
        return scheme if scheme in _SCHEMES else request.scheme


NOBODY = Proxies()
"""No proxy is believed."""
