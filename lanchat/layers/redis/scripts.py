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
