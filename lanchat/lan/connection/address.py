"""Where a node is: a host and a port, in the one way that everybody writes and reads them."""

import re
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
from aiohttp import hdrs

from lanchat.config import LAN_PORT
from lanchat.errors import InvalidSetting
from lanchat.lan.addresses import with_zone

_FURTHER = re.compile(r"&[ao]=([^&]+)")
_ZONE = re.compile(r"%[^\]/]*")
_HOST = re.compile(r"[\w.:-]+")
"""What the name or the address of a machine is made of, in any script (RFC 5890)."""


def host_header(url: str) -> dict[str, str]:
    """Return the header by which a node is asked at this URL (RFC 9110, section 7.2).

    A zone means something on this machine only, so it is left out (RFC 6874, section 4).
    """
    return {hdrs.HOST: _ZONE.sub("", urlsplit(url).netloc)}


MOST_PLACES = 8
"""Most addresses of one link that are tried."""


class NodeAddress(msgspec.Struct, frozen=True):
    """The address of a node. As a string it is `host:port`, an IPv6 host in brackets (RFC 3986, section 3.2.2).

    Attributes:
        host: its name or address, without brackets.
        port: TCP port.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def of(cls, socket_name: tuple[Any, ...], port: int | None = None) -> Self:
        """Return what a socket calls an end of it: a link-local address of IPv6 with its zone.

        Args:
            socket_name: as `getsockname` and `getpeername` give it.
            port: another port than the socket's.
        """
        host, own, *more = socket_name
        zone = more[1] if len(more) > 1 else 0
        return cls(with_zone(f"{host}%{zone}") if zone else str(host), own if port is None else port)

    @property
    def url(self) -> str:
        """URL of the app that answers there, without encryption: of the window's own app, and for guests' browsers."""
        return f"http://{self}/"

    @property
    def secure_url(self) -> str:
        """URL of the app that answers there, by TLS."""
        return f"https://{self}/"

    @classmethod
    def parse(cls, text: str, *, here: bool = False) -> Self:
        """Return the address that a person typed or pasted: as `str` writes it, without its port, or as a URL.

        Args:
            text: the address.
            here: whether this machine found it itself, so that it may have a zone (`fe80::1%eth0`).

        Raises:
            InvalidSetting: it is not an address. One with a zone means something on one machine only.
        """
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            host, port = parts.hostname or "", parts.port or LAN_PORT
        except ValueError:
            host, port = "", 0
        if not _HOST.fullmatch(host.partition("%")[0]) or ("%" in host and not here):
            raise InvalidSetting(
                f"{text!r} is not the address of a node; it wants the form ADDRESS:PORT, as in 192.0.2.5:28280."
            )
        return cls(host, port)

    @classmethod
    def all_of(cls, link: str) -> list[Self]:
        """Return every address that a link into a room names, the likeliest first; of an address that one alone.

        Raises:
            InvalidSetting: as `parse`.
        """
        named = [place for found in _FURTHER.findall(link.partition("#")[2]) for place in found.split(",")]
        return list(dict.fromkeys(cls.parse(place) for place in (link, *named[: MOST_PLACES - 1])))
