"""The connection from a mirror to its room's home."""

from lanchat.lan.link.checks import checked
from lanchat.lan.link.courier import Courier
from lanchat.lan.link.dialler import link_hello
from lanchat.lan.link.inflow import Inflow
from lanchat.lan.link.link import Link
from lanchat.lan.link.parts import LinkParts
from lanchat.lan.link.quota import Quota

__all__ = [
    "Courier",
    "Inflow",
    "Link",
    "LinkParts",
    "Quota",
    "checked",
    "link_hello",
]
