"""What Redis does in one piece for a shared room. docs/protocol.md, Rooms in Redis, says what the keys hold.

Each script begins with the same lines. KEYS: head, stream, nonces, rules. ARGV[1]: the room's topic. The run id of the
server is what tells that it was started again, or that another one has taken over: its data may be older then.
"""

from lanchat.layers.redis.connection import Script

BEGIN = """
local head, stream, nonces, rules, topic = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local h, flat = {}, redis.call('HGETALL', head)
for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
local function int(name) return tonumber(h[name] or '0') end
local function text(value) return type(value) == 'number' and string.format('%.0f', value) or value end
local function put(values)
  for name, value in pairs(values) do
    h[name] = text(value)
    redis.call('HSET', head, name, h[name])
  end
end
local function wake(seq) redis.call('PUBLISH', topic, seq and 'wake ' .. text(seq) or 'wake') end
local function lend()
  if h.lent then
    for _, key in ipairs({head, stream, nonces, rules}) do redis.call('PEXPIRE', key, h.lent) end
  end
end
local function open()
  put({state = 'open'})
  if h.lent then
    redis.call('HDEL', head, 'lent')
    for _, key in ipairs({head, stream, nonces, rules}) do redis.call('PERSIST', key) end
  end
  wake()
end
local function whole()
  local length = int('last') - int('oldest') + 1
  local ruled = redis.call('XLEN', rules)
  return redis.call('XLEN', stream) == length and redis.call('HLEN', nonces) == length
    and (ruled > 0) == (int('rule') > 0)
end
local function keep(seq, nonce, kind, who, target, term, at, payload)
  local place = text(seq)
  redis.call('XADD', stream, place .. '-0', 'e', payload, 'n', nonce, 't', term, 'a', at)
  redis.call('HSET', nonces, nonce, kind == 'message' and place .. ' ' .. who or place)
  if kind == 'rule' then
    redis.call('XADD', rules, place .. '-0', 'e', payload, 'n', nonce, 't', term, 'a', at)
    put({rule = seq})
  elseif kind == 'deletion' then
    local about = redis.call('HGET', nonces, target)
    if about then redis.call('HSET', nonces, target, string.match(about, '^%d+')) end
  end
end
"""

FOUND = Script(
    BEGIN
    + """
if h.term then return 0 end
if redis.call('EXISTS', stream, nonces, rules) > 0 then return redis.error_reply('WRONGTYPE these keys are in use') end
put({run = run, state = 'open', term = 1, last = 0, oldest = 1, kept = 0, said = 0, rule = 0})
return 1
"""
)
"""Begin a room that is new; 0 when it is there."""

MEET = Script(
    BEGIN
    + """
local me, known, said, top = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local window, longest, patience = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local function begin()
  put({run = run, state = 'meet', ['until'] = now + window, met = '', filler = '', best_said = 0, best_top = 0})
  wake()
end
if h.state == 'moved' then return {h.state, h.term, h.last, '', '0'} end
local complete = whole()
if not h.term or not complete then
  local term = int('term')
  redis.call('DEL', head, stream, nonces, rules)
  h = {}
  put({term = term, last = 0, oldest = 1, kept = 0, said = 0, rule = 0})
  begin()
elseif h.run ~= run or (h.state == 'fill' and now >= int('until')) then
  begin()
end
if h.state == 'meet' then
  if known > int('term') then put({term = known}) end
  if said > int('best_said') or (said == int('best_said') and top > int('best_top')) then
    put({best_said = said, best_top = top, filler = me})
  end
  if not string.find(h.met, me, 1, true) then put({met = h.met .. me .. ' '}) end
  local _, met = string.gsub(h.met, ' ', '')
  local there = redis.call('PUBSUB', 'NUMSUB', topic)[2]
  if now >= int('until') + (met < there and longest - window or 0) then
    put({term = (math.floor(int('term') / 65536) + 1) * 65536
      + tonumber(string.sub(redis.sha1hex(run .. text(now)), 1, 4), 16)})
    if int('best_top') > int('last') then
      put({state = 'fill', ['until'] = now + patience})
    else
      put({kept = int('last')})
      open()
    end
    wake()
  end
end
return {h.state, h.term, h.last, h.filler or '', text(math.max(0, int('until') - now))}
"""
)
"""Say what this node has of a room, where Redis may have less than the nodes.

ARGV: me, the term that I know, term and seq of my last event; milliseconds in which the others can say the same, in
which those can who are connected and busy, and in which whoever has most has to bring something. Who has most is known
after the meeting, and fills Redis under the next term; nothing is numbered meanwhile. A term counts the meetings, and
its lower 16 bits are of this one alone, because servers that were parted must not number under the same term. Returns
state, term, last, who fills, milliseconds that are left.
"""

FILL = Script(
    BEGIN
    + """
local me, term, first, patience, final = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
if h.run ~= run or h.state ~= 'fill' or h.filler ~= me or h.term ~= term or not whole() then return 'meet' end
local last = int('last')
if last == 0 and #ARGV > 6 then
  put({oldest = first})
  last = first - 1
elseif #ARGV > 6 and first ~= last + 1 then
  return 'meet'
end
for i = 7, #ARGV, 7 do
  local nonce, kind, who, target = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  last = last + 1
  keep(last, nonce, kind, who, target, ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
  put({said = ARGV[i + 4]})
end
put({last = last, kept = last, ['until'] = now + patience})
if final == '1' then open() else lend() end
return 'ok'
"""
)
"""Bring back what Redis has lost.

ARGV: me, term, seq of the first, milliseconds for the next, whether it is the last piece, then for each event its
nonce, kind, who said it, what it is about, term, time and words. The term is the fencing token: it grows with every
meeting. `meet` when this node has not to fill it any more.
"""

RECALL = Script(
    BEGIN
    + """
local turn = h.run == run and h.state == 'fill' and h.filler == ARGV[2] and h.term == ARGV[3]
if not turn or int('last') > 0 then return 'meet' end
for i = 4, #ARGV, 5 do
  local seq = tonumber(ARGV[i])
  if seq > int('rule') then
    redis.call('XADD', rules, text(seq) .. '-0', 'e', ARGV[i + 4], 'n', ARGV[i + 1], 't', ARGV[i + 2], 'a', ARGV[i + 3])
    put({rule = seq})
  end
end
lend()
return 'ok'
"""
)
"""Bring back rules that are older than what is brought back of the history.

ARGV: me, term, then for each its seq, nonce, term, time and words. `meet` as of `FILL`.
"""

POST = Script(
    BEGIN
    + """
local term, rule, most, certain = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
if not h.term or h.run ~= run or h.state ~= 'open' or not whole() then return {'meet'} end
if h.term ~= term then return {'term'} end
local last, results = int('last'), {'ok', '0'}
for i = 6, #ARGV, 6 do
  local nonce, kind, who, target = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local result = 'kept'
  if redis.call('HEXISTS', nonces, nonce) == 1 then
    result = 'known'
  elseif h.rule ~= rule then
    result = 'rule'
  elseif target ~= '' then
    local about = redis.call('HGET', nonces, target)
    local author = about and string.match(about, '^%d+ (.*)$')
    if not author then
      result = 'no_such_message'
    elseif kind ~= 'reaction' and author ~= who then
      result = 'not_yours'
    end
  end
  if result == 'kept' then
    last = last + 1
    local at = tonumber(ARGV[i + 4])
    keep(last, nonce, kind, who, target, term, text(at > 0 and math.min(at, now) or now), ARGV[i + 5])
  end
  results[#results + 1] = result
end
if last > int('last') then
  put({last = last, said = term})
  if most > 0 and last - int('oldest') >= most + math.max(64, math.floor(most / 8)) then
    local oldest = last - most + 1
    local gone = redis.call('XRANGE', stream, '-', text(oldest - 1) .. '-0')
    for _, entry in ipairs(gone) do redis.call('HDEL', nonces, entry[2][4]) end
    redis.call('XTRIM', stream, 'MINID', text(oldest) .. '-0')
    put({oldest = oldest})
  end
  if certain == '1' then
    put({kept = last})
    wake(last)
  end
end
results[2] = text(last)
return results
"""
)
"""Number and keep what is said.

ARGV: the term and the last rule that the node knows, how many entries are kept (0: all), 1 when what Redis has done is
kept by that, then for each post its nonce, kind, who says it, what it is about, when it was said or 0, and the words.
Returns `meet` or `term`, or `ok`, the last seq, and for each post `kept`, `known`, `rule` (judge it again),
`no_such_message` or `not_yours`. Within one script everything is kept or nothing.
"""

CUT = Script(
    BEGIN
    + """
local first = tonumber(ARGV[3])
if h.run ~= run or h.state ~= 'open' or h.term ~= ARGV[2] or first > int('last') then return 0 end
for _, entry in ipairs(redis.call('XRANGE', stream, text(first) .. '-0', '+')) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'n' then redis.call('HDEL', nonces, entry[2][i + 1]) end
  end
  redis.call('XDEL', stream, entry[1])
end
for _, entry in ipairs(redis.call('XRANGE', rules, text(first) .. '-0', '+')) do redis.call('XDEL', rules, entry[1]) end
local rule = redis.call('XREVRANGE', rules, '+', '-', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if last then redis.call('XSETID', stream, last[1]) else redis.call('DEL', stream) end
if rule then redis.call('XSETID', rules, rule[1]) else redis.call('DEL', rules) end
put({
  last = first - 1, kept = math.min(int('kept'), first - 1), said = last and last[2][6] or 0,
  rule = rule and string.match(rule[1], '^%d+') or 0, run = 'cut',
})
wake()
return 1
"""
)
"""Take out what no node wrote, and all behind it, which no node has taken; the nodes then meet. ARGV: term, the seq."""

CONFIRM = Script(
    BEGIN
    + """
if h.run ~= run or h.state ~= 'open' or h.term ~= ARGV[2] then return 0 end
local seq = math.min(tonumber(ARGV[3]), int('last'))
if seq > int('kept') then
  put({kept = seq})
  wake(seq)
end
return 1
"""
)
"""Let the nodes have what is on the disk. ARGV: the term, and the seq up to which it is."""
