"""What Redis does in one piece for the queue layer."""

PUT = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
"""Queue one message. KEYS: the queue. ARGV: now, cutoff, seconds until the key goes, capacity, member.

Returns 0 when the queue is full.
"""

_PUT_EACH = """
local over, broken = 0, 0
for i = first, #KEYS do
  local key, at = KEYS[i], 2 * (i - first) + 4
  local size = redis.pcall('ZREMRANGEBYSCORE', key, '-inf', ARGV[2])
  if type(size) == 'number' then size = redis.pcall('ZCARD', key) end
  if type(size) ~= 'number' then
    broken = broken + 1
  elseif size < tonumber(ARGV[at]) then
    redis.call('ZADD', key, ARGV[1], ARGV[at + 1])
    redis.call('EXPIRE', key, ARGV[3])
  else
    over = over + 1
  end
end
return {over, broken}
"""

PUT_ALL = "local first = 1" + _PUT_EACH
"""Queue one message in each queue. ARGV: now, cutoff, seconds until a key goes, then capacity and member for each.

Returns how many were full, and how many keys hold something else; neither keeps the others from their message.
"""

_READ_ROLL = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', too_old)
local roll, lines = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), {}
for i = 1, #roll, 2 do
  if not string.find(roll[i], '\\n', 1, true) then lines[#lines + 1] = roll[i + 1] .. ' ' .. roll[i] end
end
local told = table.concat(lines, '\\n')
"""

ROLL = "local too_old = ARGV[1]" + _READ_ROLL + "return told"
"""Who is in a group. KEYS: its members. ARGV: the time of joining up to which they are too old.

Returns a line for each, with the time of joining and the name: reading one text takes a tenth of reading a list. What
has a line feed in it is nobody's name.
"""

PUT_IF_SAME = (
    "local first, same, too_old = 2, table.remove(ARGV), table.remove(ARGV)"
    + _READ_ROLL
    + "if redis.sha1hex(told) ~= same then return told end"
    + _PUT_EACH
)
"""Queue one message in each queue if a group is still what it was, so that one trip does it.

KEYS: the members of the group, then the queues. ARGV: as for PUT_ALL, then that of ROLL, and the SHA-1 of what it told.
Returns what PUT_ALL does, or what ROLL tells where that is something else.
"""
