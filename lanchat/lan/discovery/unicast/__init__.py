"""Ways to other nodes where multicast leads to nobody: what nodes tell of others, what is remembered, a search."""

from lanchat.lan.discovery.unicast.acquaintances import Acquaintances
from lanchat.lan.discovery.unicast.memory import NodeMemory
from lanchat.lan.discovery.unicast.neighbours import neighbours
from lanchat.lan.discovery.unicast.subnets import private_part, sweep, to_sweep

__all__ = ["Acquaintances", "NodeMemory", "neighbours", "private_part", "sweep", "to_sweep"]
