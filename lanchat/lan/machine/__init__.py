"""This machine on the network: which addresses it has now, and when that changes."""

from lanchat.lan.machine.watch import LOOK_EVERY, MachineWatch, Move

__all__ = ["LOOK_EVERY", "MachineWatch", "Move"]
