"""Rooms found by themselves.

mDNS only introduces. What it says is a hint by a stranger (`records`), and a room is listed once the node behind the
hint has answered over HTTPS, under its own certificate (`peers`). Nothing outside this folder knows zeroconf.
"""

from lanchat.lan.discovery.discovery import Discovery
from lanchat.lan.discovery.probe import MAX_TOLD, TIMEOUT, Answer, HttpsProbe, ToldNode, fetch
from lanchat.lan.discovery.records import Advert, FoundRoom

__all__ = [
    "MAX_TOLD",
    "TIMEOUT",
    "Advert",
    "Answer",
    "Discovery",
    "FoundRoom",
    "HttpsProbe",
    "ToldNode",
    "fetch",
]
