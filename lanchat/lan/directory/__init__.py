"""Which rooms there are, here, at other nodes and in Redis, in lists for people and for the network."""

from lanchat.lan.directory.directory import Directory
from lanchat.lan.directory.first_room import open_first_room
from lanchat.lan.directory.moving import RoomMoves
from lanchat.lan.directory.network import Network
from lanchat.lan.directory.sharing import share

__all__ = ["Directory", "Network", "RoomMoves", "open_first_room", "share"]
