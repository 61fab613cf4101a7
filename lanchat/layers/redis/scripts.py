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

PUT_ALL = """
local over, broken = 0, 0
for i, key in ipairs(KEYS) do
  local size = redis.pcall('ZREMRANGEBYSCORE', key, '-inf', ARGV[2])
  if type(size) == 'number' then size = redis.pcall('ZCARD', key) end
  if type(size) ~= 'number' then
    broken = broken + 1
  elseif size < tonumber(ARGV[2 + 2 * i]) then
    redis.call('ZADD', key, ARGV[1], ARGV[3 + 2 * i])
    redis.call('EXPIRE', key, ARGV[3])
  else
    over = over + 1
  end
end
return {over, broken}
"""
"""Queue one message in each queue. ARGV: now, cutoff, seconds until a key goes, then capacity and member for each.

Returns how many were full, and how many keys hold something else; neither keeps the others from their message.
"""

ROLL = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local roll, lines = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), {}
for i = 1, #roll, 2 do
  if not string.find(roll[i], '\\n', 1, true) then lines[#lines + 1] = roll[i + 1] .. ' ' .. roll[i] end
end
return table.concat(lines, '\\n')
"""
"""Who is in a group. KEYS: its members. ARGV: the time of joining up to which they are too old.

Returns a line for each, with the time of joining and the name: reading one text takes a tenth of reading a list. What
has a line feed in it is nobody's name.
"""
