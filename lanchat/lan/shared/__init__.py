"""Rooms of several nodes through one Redis: it numbers, and every node keeps a mirror (docs/design.md, Several hosts).

`rooms` has the list and the connections, `link` is one room's way to Redis: `history` takes what is numbered and brings
back what Redis has lost, `outbox` brings what is said. `stream` asks Redis by its `scripts`, `entries` is what lies
there, `catalogue` the list of rooms and whose Redis it is, `company` who shares it, `durability` what it means that
something is kept, `rights` what a node has to be allowed. `programs` are others at the same Redis.
"""

from lanchat.lan.shared.network import SharedNetwork
from lanchat.lan.shared.programs import Programs
from lanchat.lan.shared.rooms import SharedRooms, SharedSettings

__all__ = ["Programs", "SharedNetwork", "SharedRooms", "SharedSettings"]
