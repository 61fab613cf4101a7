"""The connection from a mirror to its room's home."""

from lanchat.lan.link.courier import Courier
from lanchat.lan.link.dialler import link_hello
from lanchat.lan.link.link import Link
from lanchat.lan.link.quota import Quota

__all__ = [
    "Courier",
    "Link",
    "Quota",
    "link_hello",
]
