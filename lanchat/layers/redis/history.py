"""The history of a group in Redis: a stream whose ids are the numbers, and a hash that says how far it is.

One script numbers and keeps, so what has a number is in the stream; only then it is sent, and who hears of a number
behind one that they miss asks for that. The clock is that of Redis, or nodes whose clocks differ would delete for each
other.
"""

import logging
import secrets
from typing import NamedTuple

from lanchat.layers.errors import InvalidMessage
from lanchat.layers.history import (
    FORGOTTEN,
    NOWHERE,
    PAGE_BYTES,
    HistoryBounds,
    HistoryEntry,
    HistoryPage,
    Position,
    where,
)
from lanchat.layers.message import Message
from lanchat.layers.redis import wire
from lanchat.layers.redis.steps import Steps

_log = logging.getLogger(__name__)
_AT_ONCE = 200
"""Entries that one script lets go at most: nobody waits for long behind a history that is cut all at once."""

_BEGIN = f"""
local stream, top = KEYS[1], KEYS[2]
local entries, seconds, size = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local function begin()
  redis.call('DEL', stream, top)
  redis.call('HSET', top, 'epoch', ARGV[1], 'seq', 0, 'size', 0)
end
local function trim()
  local kept = tonumber(redis.call('HGET', top, 'size'))
  local count = redis.call('XLEN', stream)
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', {_AT_ONCE})) do
    local over = count > 1 and (count > entries or kept > size)
    if not over and tonumber(entry[2][2]) >= now - seconds then break end
    redis.call('XDEL', stream, entry[1])
    count = count - 1
    kept = kept - #entry[2][4]
  end
  redis.call('HSET', top, 'size', kept)
end
if redis.call('TYPE', top)['ok'] ~= 'hash' or not redis.call('HGET', top, 'epoch') then begin() end
"""

RECORD = (
    _BEGIN
    + f"""
if redis.call('EXISTS', stream) == 0 then redis.call('HSET', top, 'size', 0) end
local function add()
  local seq = redis.call('HINCRBY', top, 'seq', 1)
  return seq, redis.pcall('XADD', stream, seq .. '-0', 'at', string.format('%.6f', now), 'body', ARGV[5])
end
local seq, added = add()
if type(added) == 'table' and (added.err:find('WRONGTYPE') or added.err:find('smaller')) then
  begin()
  seq, added = add()
end
if type(added) == 'table' then return added end
redis.call('HINCRBY', top, 'size', #ARGV[5])
trim()
redis.call('EXPIRE', stream, math.ceil(seconds))
redis.call('EXPIRE', top, math.ceil(seconds + {FORGOTTEN:.0f}))
return {{redis.call('HGET', top, 'epoch'), seq}}
"""
)
"""Number one message and keep it. KEYS: stream, top. ARGV: an epoch if none has begun, the bounds, the message.

Returns the epoch and the number. Where the stream is not what the top says, somebody else wrote: another epoch begins.
"""

READ = (
    _BEGIN
    + f"""
if redis.call('TYPE', stream)['ok'] ~= 'stream' then
  if redis.call('TYPE', stream)['ok'] ~= 'none' then begin() end
else
  trim()
end
redis.call('EXPIRE', top, math.ceil(seconds + {FORGOTTEN:.0f}))
local far = redis.call('HMGET', top, 'epoch', 'seq')
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)
local oldest = first[1] and first[1][1] or ''
local from = '-'
if ARGV[5] == far[1] and tonumber(ARGV[6]) <= tonumber(far[2]) then from = '(' .. ARGV[6] .. '-0' end
local found, length = {{}}, 0
for _, entry in ipairs(redis.call('XRANGE', stream, from, '+', 'COUNT', ARGV[7])) do
  length = length + #entry[2][4]
  if #found > 0 and length > {PAGE_BYTES} then break end
  found[#found + 1] = {{entry[1], entry[2][2], entry[2][4]}}
end
return {{far[1], tonumber(far[2]), oldest, found}}
"""
)
"""Read a page. KEYS: stream, top. ARGV: as `RECORD` without the message; then epoch, number and limit.

Returns the epoch, the newest number, the id of the oldest entry or an empty string, and the entries.
"""


class RedisHistory(NamedTuple):
    """The history of one group on its server.

    Attributes:
        server: its place among the servers.
        keys: of the stream, and of how far it is.
        bounds: how much is kept.
    """

    server: int
    keys: tuple[str, str]
    bounds: HistoryBounds

    def recording(self, body: bytes) -> Steps[Position]:
        """Number and keep a message; returns where it is."""
        [[reply]] = yield [(self.server, (("EVAL", RECORD, 2, *self.keys, *self._given(), body),))]
        epoch, seq = reply
        return Position(epoch.decode(), seq)

    def reading(self, codec: wire.Codec, since: Position | None, limit: int) -> Steps[HistoryPage]:
        """Return a page. What somebody else wrote, and is no message, is passed over and logged."""
        asked = since or NOWHERE
        [[reply]] = yield [
            (self.server, (("EVAL", READ, 2, *self.keys, *self._given(), asked.epoch, asked.seq, limit),))
        ]
        epoch, top, first, found = reply[0].decode(), reply[1], reply[2], reply[3]
        oldest = _seq(first) if first else top + 1
        begin, start_over, missed = where(since, epoch, oldest, top)
        entries = []
        for id_, at, body in found:
            position = Position(epoch, _seq(id_))
            if position.seq > begin and (message := self._message(codec, body)) is not None:
                entries.append(HistoryEntry(position.seq, float(at), position.put_on(message)))
        return HistoryPage(entries, epoch, top, start_over, missed)

    def _message(self, codec: wire.Codec, body: bytes) -> Message | None:
        try:
            return codec.decode(body)
        except InvalidMessage as error:
            _log.warning("Skipped what is in the history %s: %s", self.keys[0], error)
            return None

    def _given(self) -> tuple[str | int | float, ...]:
        return (secrets.token_hex(8), *self.bounds)


def _seq(id_: bytes) -> int:
    return int(id_.partition(b"-")[0])
