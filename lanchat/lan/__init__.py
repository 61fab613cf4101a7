"""Other machines: the addresses of this one, finding nodes and their rooms, and talking to them.

mDNS only introduces. What it says is a hint by a stranger (`records`), and a room is listed once the node behind the
hint has answered over HTTP (`peers`). Nothing outside this folder knows zeroconf.
"""

from lanchat.lan.addresses import lan_address
from lanchat.lan.discovery import Discovery
from lanchat.lan.records import Advert, FoundRoom

__all__ = ["Advert", "Discovery", "FoundRoom", "lan_address"]
