"""Other machines.

`addresses` tells which addresses this machine has, `networks` to what they lead, `connection` is a client's way to a
node, `discovery` finds nodes and their rooms, `link` keeps a mirror complete, `directory` lists the rooms of this node
and of others.
"""

from lanchat.lan.addresses import lan_address, mdns_name
from lanchat.lan.networks import own_addresses

__all__ = ["lan_address", "mdns_name", "own_addresses"]
