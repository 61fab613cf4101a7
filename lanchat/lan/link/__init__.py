"""The connection from a mirror to its room's home."""

from lanchat.lan.link.link import Link

__all__ = [
    "Link",
]
