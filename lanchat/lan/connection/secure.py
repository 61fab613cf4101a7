"""TLS between nodes: who answers is known by its certificate, and by nothing that it says.

Nobody has to vouch for a certificate, and no name in it counts: a node's id is what its certificate hashes to. So a
connection to a node that is known can be checked before one byte goes out that is not TLS itself.
"""

import asyncio
import functools
import re
import ssl
from pathlib import Path

import aiohttp

from lanchat.consumers import abort
from lanchat.errors import NotSecure
from lanchat.identity import fingerprint, node_id

_NAME = re.compile(r"([0-9a-f]{32})\.lanchat\.local")


class Pin(aiohttp.Fingerprint):
    """Looks at the certificate of who answers, before the request is sent. For one connection, one after the other.

    aiohttp's own takes the whole SHA-256; an id is the first half of it.

    Args:
        node: id of the node that has to answer; empty to take whoever does.

    Attributes:
        fingerprint_there: SHA-256 of the certificate under which somebody answered; empty before.
    """

    def __init__(self, node: str = "") -> None:
        self._node = node
        self._there = ""
        self._transport: asyncio.Transport | None = None
        self.fingerprint_there = ""

    @property
    def node(self) -> str:
        """Id of the node that answered; empty before."""
        return self._there

    def check(self, transport: asyncio.Transport) -> None:
        """Raise aiohttp.ServerFingerprintMismatch when another node answers than the one that has to."""
        self._transport = transport
        tls = transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True)
        self._there, self.fingerprint_there = node_id(der), fingerprint(der)
        if self._node and self.node != self._node:
            host, port, *_ = transport.get_extra_info("peername")
            raise aiohttp.ServerFingerprintMismatch(self._node.encode(), self.node.encode(), host, port)

    def close(self) -> None:
        """End the connection: everything was said, and TLS would wait for the other side's goodbye beyond our loop."""
        if self._transport is not None:
            abort(self._transport)


def server_name(node: str) -> str | None:
    """Return how TLS names the node that is wanted (RFC 6066, section 3), so that one in between hands us on to it."""
    return f"{node}.lanchat.local" if node else None


def node_named(name: str) -> str:
    """Return the id of the node that TLS names so; empty where it names none."""
    named = _NAME.fullmatch(name)
    return named[1] if named else ""


@functools.cache
def dialling_context() -> ssl.SSLContext:
    """Return how we dial: TLS 1.3 or nothing, and whoever answers is looked at by a `Pin` and not by authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def answering_context(path: Path) -> ssl.SSLContext:
    """Return how we answer: TLS 1.3 or nothing, under the certificate in a file (PEM, with its key)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0  # every connection is looked at anew
    context.load_cert_chain(path)
    return context


def must_be_secure(url: str) -> None:
    """Raise NotSecure when a URL is not https: aiohttp passes a pin over where there is no TLS."""
    if not url.startswith("https://"):
        raise NotSecure(f"Another node is dialled by TLS only, as https://ADDRESS:PORT/ and not as {url}.")
