"""A program that talks to a node: what scripts and the command line use."""

from lanchat.client import scripting
from lanchat.client.examine import diagnose
from lanchat.client.find import Lookup, list_rooms, reach
from lanchat.client.jobs import at_window, export_room, forget_room, import_room
from lanchat.client.send import announce, send_text
from lanchat.client.tail import follow

__all__ = [
    "Lookup",
    "announce",
    "at_window",
    "diagnose",
    "export_room",
    "follow",
    "forget_room",
    "import_room",
    "list_rooms",
    "reach",
    "scripting",
    "send_text",
]
