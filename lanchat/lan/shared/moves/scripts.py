"""What Redis does in one piece when a room comes or goes. Keys and the first argument as of the other scripts."""

from lanchat.lan.shared.scripts import BEGIN
from lanchat.layers.redis.connection import Script

RECEIVE = Script(
    BEGIN
    + """
local me, term, lent = ARGV[2], tonumber(ARGV[3]), ARGV[4]
if h.term then
  if h.state == 'moved' then
    if int('term') >= term then return 'later' end
  elseif not h.lent or h.filler ~= me then
    return 'there'
  end
elseif redis.call('EXISTS', stream, nonces, rules) > 0 then
  return 'there'
end
redis.call('DEL', head, stream, nonces, rules)
h = {}
put({run = run, state = 'fill', term = term, last = 0, oldest = 1, kept = 0, said = 0, rule = 0,
  filler = me, ['until'] = now + tonumber(lent), lent = lent})
lend()
return 'ok'
"""
)
"""Begin to take a room in that is numbered elsewhere still.

ARGV: me, the term under which it is numbered here, milliseconds for which it stays where nothing more of it comes.
`there` when it is numbered here, or another node brings it; `later` when it went from here under a later term.
"""

RETURN = Script(
    BEGIN
    + """
if h.lent and h.filler == ARGV[2] then redis.call('DEL', head, stream, nonces, rules) end
return 'ok'
"""
)
"""Take out again what came of a room that stays where it was. ARGV: me."""

RELEASE = Script(
    BEGIN
    + """
if h.state == 'moved' and h.by == ARGV[3] then return 'ok' end
if h.run ~= run or h.state ~= 'open' or h.term ~= ARGV[2] or not whole() then return 'no' end
put({state = 'moved', term = int('term') + 1, kept = int('last'), by = ARGV[3], home = ARGV[4]})
wake()
return 'ok'
"""
)
"""Number nothing more: a node does, under the next term.

ARGV: the term of now, the id of the node, and where it is, as JSON.

`no` when the room is not numbered here now, or under another term.
"""

INSIST = Script(
    BEGIN
    + """
if h.state == 'moved' or int('term') >= tonumber(ARGV[2]) then return 'no' end
put({state = 'moved', term = ARGV[2], kept = int('last'), by = ARGV[3], home = ARGV[4]})
wake()
return 'ok'
"""
)
"""Know again that a node numbers the room, where that was forgotten. ARGV as of `RELEASE`, with the term of the node.

`no` when that term is known here: then nodes have met since, and the room is numbered here.
"""

OUTRANK = Script(
    BEGIN
    + """
if h.run ~= run or h.state ~= 'open' or h.term ~= ARGV[2] then return 'no' end
put({term = ARGV[3]})
wake()
return 'ok'
"""
)
"""Go on under a higher term than somebody elsewhere. ARGV: the term of now, and that one; `no` as of `RELEASE`."""

EMPTY = Script(
    BEGIN
    + """
if h.state ~= 'moved' or h.by ~= ARGV[2] then return 'no' end
redis.call('DEL', stream, nonces, rules)
return 'ok'
"""
)
"""Remove what was said in a room that a node has taken over; where it went stays. ARGV: me. `no` where it has not."""
