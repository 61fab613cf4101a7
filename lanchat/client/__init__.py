"""A program that talks to a node: what scripts and the command line use."""

from lanchat.client import scripting
from lanchat.client.examine import diagnose
from lanchat.client.find import Lookup, list_rooms, reach
from lanchat.client.jobs import at_window, export_room, forget_room, import_room, move_room, unite_room
from lanchat.client.send import Saying, Sent, announce, send_text
from lanchat.client.tail import follow
from lanchat.client.windows import own_windows, sign_out

__all__ = [
    "Lookup",
    "Saying",
    "Sent",
    "announce",
    "at_window",
    "diagnose",
    "export_room",
    "follow",
    "forget_room",
    "import_room",
    "list_rooms",
    "move_room",
    "own_windows",
    "reach",
    "scripting",
    "send_text",
    "sign_out",
    "unite_room",
]
