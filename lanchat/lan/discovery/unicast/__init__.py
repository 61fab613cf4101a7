"""Ways to other nodes where multicast leads to nobody: what nodes tell of others, what is remembered, a search."""

from lanchat.lan.discovery.unicast.hearsay import Hearsay
from lanchat.lan.discovery.unicast.memory import NodeMemory
from lanchat.lan.discovery.unicast.neighbours import neighbours
from lanchat.lan.discovery.unicast.subnets import sweep, to_sweep

__all__ = ["Hearsay", "NodeMemory", "neighbours", "sweep", "to_sweep"]
