"""What a node may do on a Redis server: found out at the start, and not by the first post that somebody makes."""

from lanchat.layers import LayerError
from lanchat.layers.redis.connection import AWAY, RedisEndpoint, Script, Shard, unreachable

PROBE = "probe"
"""Hash tag of the keys that are tried, or what it begins with."""
_MOST_NAMED = 6
_PROBE = Script(
    """
local text, hash, stream, topic, refused = KEYS[1], KEYS[2], KEYS[3], ARGV[1], {}
local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then refused[#refused + 1] = select(1, ...) .. ' ' .. reply.err end
end
try('SET', text, '1')
try('GET', text)
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
try('PEXPIRE', hash, 1000)
try('PERSIST', hash)
try('DEL', text, hash, stream)
try('TIME')
try('INFO', 'server')
try('PUBLISH', topic, '')
try('PUBSUB', 'NUMSUB', topic)
return refused
"""
)
"""Try each command that the scripts use, on keys of its own; return those that failed, with the reason."""


async def check_rights(server: Shard, prefix: str) -> None:
    """See whether this user may do on a server what sharing rooms takes.

    Args:
        server: which.
        prefix: what the names of all keys begin with.

    Raises:
        LayerError: it cannot be asked, or it refuses something; the sentence names what.
    """
    key = f"{prefix}:{{{server.tag}}}:"
    topic = f"{key}topic"
    (found,) = await _PROBE.run(server.way, (f"{key}text", f"{key}hash", f"{key}stream"), (topic,))
    refused = [line.decode(errors="replace").partition(" ")[::2] for line in found]
    refused += await _listening(server.endpoint, topic)
    if not refused:
        return
    reason = refused[0][1]
    if "OOM" in reason:
        raise LayerError(f"Redis at {server.endpoint} has no memory left, and keeps nothing until it has.")
    names = ", ".join(name for name, _ in refused[:_MOST_NAMED])
    more = f" and {len(refused) - _MOST_NAMED} more" if len(refused) > _MOST_NAMED else ""
    raise LayerError(
        f"Redis at {server.endpoint} does not let this user do what sharing rooms takes: {names}{more} ({reason}). "
        "docs/protocol.md, Rooms in Redis, has the rights of a user who may."
    )


async def _listening(server: RedisEndpoint, topic: str) -> list[tuple[str, str]]:
    """Listen to a topic for a moment, which no script may; return what was refused, with the reason."""
    try:
        connection = await server.open()
        try:
            commands = ("SUBSCRIBE", "UNSUBSCRIBE")
            replies = await connection.ask(*((name, topic) for name in commands), timeout=server.timeout)
        finally:
            await connection.close()
    except AWAY as error:
        raise unreachable(server, error) from None
    answered = zip(commands, replies, strict=True)
    return [(name, str(reply)) for name, reply in answered if isinstance(reply, Exception)]
