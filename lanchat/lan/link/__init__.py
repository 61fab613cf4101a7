"""The connection from a mirror to its room's home."""

from lanchat.lan.link.link import Link
from lanchat.lan.link.quota import Quota

__all__ = [
    "Link",
    "Quota",
]
