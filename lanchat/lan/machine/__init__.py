"""This machine on the network: which addresses it has now, when that changes, and whether it stays where it is."""

from lanchat.lan.machine.power import has_battery
from lanchat.lan.machine.router import gateway, network_names
from lanchat.lan.machine.watch import LOOK_EVERY, MachineWatch, Move

__all__ = ["LOOK_EVERY", "MachineWatch", "Move", "gateway", "has_battery", "network_names"]
