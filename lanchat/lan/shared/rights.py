"""What a node may do on a Redis server: found out at the start, and not by the first post that somebody makes."""

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline, Script

_MOST_NAMED = 6
_PROBE = Script(
    """
local hash, stream, topic, refused = KEYS[1], KEYS[2], ARGV[1], {}
local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then refused[#refused + 1] = select(1, ...) .. ' ' .. reply.err end
end
try('EXISTS', stream)
try('HSET', hash, 'a', '1')
try('HSETNX', hash, 'a', '1')
try('HGET', hash, 'a')
try('HMGET', hash, 'a')
try('HGETALL', hash)
try('HEXISTS', hash, 'a')
try('HLEN', hash)
try('HDEL', hash, 'a')
try('XADD', stream, '1-0', 'a', '1')
try('XLEN', stream)
try('XRANGE', stream, '-', '+')
try('XREVRANGE', stream, '+', '-')
try('XTRIM', stream, 'MINID', '1-0')
try('XSETID', stream, '1-0')
try('XDEL', stream, '1-0')
try('DEL', hash, stream)
try('TIME')
try('INFO', 'server')
try('PUBLISH', topic, '')
try('PUBSUB', 'NUMSUB', topic)
return refused
"""
)
"""Try each command that the scripts of a room use, on keys of its own; return those that failed, with the reason."""


async def check_rights(pipeline: Pipeline, prefix: str) -> None:
    """See whether this user may do on a server what sharing rooms takes.

    Args:
        pipeline: the way to it.
        prefix: what the names of all keys begin with.

    Raises:
        LayerError: it cannot be asked, or it refuses something; the sentence names what.
    """
    key = f"{prefix}:{{probe}}:"
    (found,) = await _PROBE.run(pipeline, (f"{key}hash", f"{key}stream"), (f"{key}topic",))
    refused = [line.decode(errors="replace").partition(" ") for line in found]
    if not refused:
        return
    _, _, reason = refused[0]
    if "OOM" in reason:
        raise LayerError(f"Redis at {pipeline.server} has no memory left, and keeps nothing until it has.")
    names = ", ".join(name for name, _, _ in refused[:_MOST_NAMED])
    more = f" and {len(refused) - _MOST_NAMED} more" if len(refused) > _MOST_NAMED else ""
    raise LayerError(
        f"Redis at {pipeline.server} does not let this user do what sharing rooms takes: {names}{more} ({reason}). "
        "docs/protocol.md, Rooms in Redis, has the rights of a user who may."
    )
