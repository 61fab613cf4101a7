"""Which other nodes share a Redis now, and where guests reach them."""

from collections.abc import Callable

import msgspec

from lanchat.identity import names
from lanchat.layers.redis.connection import Reply, Script, Way
from lanchat.protocol import Haven, NodeInfo

STALE = 8.0
"""Seconds after which a node that says nothing is gone."""
MOST = 64
"""Most nodes that are looked at."""
_LONGEST = 400
_APPEAR = Script(
    """
local clock = redis.call('TIME')
local now, all, there = clock[1] * 1000 + math.floor(clock[2] / 1000), KEYS[1], {}
if ARGV[2] == '' then
  redis.call('HDEL', all, ARGV[1])
else
  redis.call('HSET', all, ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
end
local flat = redis.call('HGETALL', all)
for i = 1, #flat, 2 do
  local at = tonumber(string.match(flat[i + 1], '^%d+'))
  if not at or now - at > tonumber(ARGV[3]) then
    redis.call('HDEL', all, flat[i])
  elseif flat[i] ~= ARGV[1] and #there < tonumber(ARGV[4]) then
    there[#there + 1] = string.gsub(flat[i + 1], '^%d+ ', '')
  end
end
return there
"""
)
"""Say where this node is, or that it goes, and return the others. ARGV: id, what it says, milliseconds, the most."""


class Company:
    """The other nodes at a Redis.

    Args:
        way: to it.
        prefix: what the names of all keys begin with.
        node: this node.
        where: gives `host:port` where guests reach this node; empty where they shall not come.

    Attributes:
        others: where guests reach the others, as far as that is known now.
    """

    def __init__(self, way: Way, prefix: str, node: NodeInfo, where: Callable[[], str]) -> None:
        self.others: list[Haven] = []
        self._way = way
        self._key = f"{prefix}:{{rooms}}:nodes"
        self._node = node
        self._where = where

    async def meet(self) -> None:
        """Say where this node is, and learn where the others are. Raises LayerError."""
        address = self._where()
        said = msgspec.json.encode(Haven(name=self._node.name, address=address)) if address else b""
        (found,) = await _APPEAR.run(self._way, (self._key,), (self._node.id, said, round(STALE * 1000), MOST))
        self.others = [haven for each in found if (haven := _read(each)) is not None]


def _read(said: Reply) -> Haven | None:
    """Return what a node said of itself; None for what no node says."""
    if not isinstance(said, bytes) or len(said) > _LONGEST:
        return None
    try:
        haven = msgspec.json.decode(said, type=Haven)
    except (msgspec.MsgspecError, ValueError):
        return None
    return Haven(name=names.node_name(haven.name), address=haven.address)
