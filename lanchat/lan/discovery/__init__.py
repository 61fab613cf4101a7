"""Rooms found by themselves.

mDNS only introduces. What it says is a hint by a stranger (`records`), and a room is listed once the node behind the
hint has answered over HTTPS, under its own certificate (`peers`). Nothing outside this folder knows zeroconf.
"""

from lanchat.lan.discovery.discovery import Advert, Discovery, FoundRoom

__all__ = [
    "Advert",
    "Discovery",
    "FoundRoom",
]
