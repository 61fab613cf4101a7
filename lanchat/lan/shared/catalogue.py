"""What Redis keeps of all shared rooms: whose it is, and which rooms there are."""

import secrets
from collections.abc import Sequence
from typing import Self

import msgspec

from lanchat.errors import InvalidFrame, LanchatError
from lanchat.identity import names
from lanchat.journal import RoomRecord
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Reply, Script, Way
from lanchat.rooms import succession

FORMAT = 1
"""Which form of keys and entries this Lanchat writes and reads."""
MOST_ROOMS = 10_000
"""Most rooms that are taken from one Redis."""
_LONGEST = 2_000
_NEW = "new"
_PUT = Script(
    """
local rooms, named, topic, id, name, record = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call('HGET', named, name)
if known and known ~= id and ARGV[5] == '1' and redis.call('HEXISTS', rooms, known) == 1 then
  return {known, redis.call('HGET', rooms, known)}
end
if not known then redis.call('HSET', named, name, id) end
redis.call('HSETNX', rooms, id, record)
redis.call('PUBLISH', topic, 'wake')
return {id, redis.call('HGET', rooms, id)}
"""
)
"""Put a room into the list. ARGV: topic, id, name, record, 1 when it is new and gives way to one of its name."""
_MARK = Script(
    """
local there = redis.call('GET', KEYS[1])
if (there or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return ARGV[2]
end
return there
"""
)
"""Replace the mark if it is still what it was. ARGV: what it was, empty for none, and what it will be."""


_DROP = Script(
    """
redis.call('HDEL', KEYS[1], ARGV[2])
if redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[2] then redis.call('HDEL', KEYS[2], ARGV[3]) end
redis.call('PUBLISH', ARGV[1], 'wake')
return 1
"""
)
"""Take a room out of the list. KEYS as of the other one. ARGV: topic, id, name."""


class SharedRecord(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the list says of a room."""

    name: str
    owner: str = ""
    salt: str = ""


class ClusterMark(msgspec.Struct, frozen=True):
    """Whose a Redis is: the random id of the nodes that share it, and the form of what they write.

    Attributes:
        id: of the nodes.
        format: of what they write.
        new: whether a node that knew of none has made it, and nothing was said under it yet: it then gives way to the
            mark of nodes that have shared rooms before, whose Redis this was until it lost everything.
    """

    id: str
    format: int = FORMAT
    new: bool = False

    @classmethod
    def remembered(cls, line: str) -> Self | None:
        """Return the mark that a node has written down; None when it has none."""
        id_, _, state = line.partition(" ")
        return cls(id_, new=state == _NEW) if id_ else None

    @property
    def line(self) -> str:
        """What a node writes down of it."""
        return f"{self.id} {_NEW}" if self.new else self.id


class Catalogue:
    """The list of shared rooms, and the mark of the nodes that share them.

    Args:
        way: to the server.
        prefix: what the names of all keys begin with.

    Attributes:
        topic: where nodes tell each other that the list has changed.
    """

    def __init__(self, way: Way, prefix: str) -> None:
        key = f"{prefix}:{{rooms}}:"
        self.topic = f"{key}topic"
        self._cluster, self._rooms, self._names = f"{key}cluster", f"{key}list", f"{key}names"
        self._way = way

    async def join(self, ours: ClusterMark | None, *, talks: bool = False) -> ClusterMark:
        """Be one of the nodes that share this Redis, and return the mark that they have in common.

        Args:
            ours: the one that this node remembers; None when it has shared no room yet.
            talks: whether it has a shared room in which something was said.

        Raises:
            LayerError: Redis cannot be asked, or is that of other nodes, or of another version.
        """
        lasts = ours is not None and not ours.new
        mine = ClusterMark(ours.id if ours else secrets.token_hex(16), new=not (lasts or talks))
        (found,) = await self._way.ask(("GET", self._cluster))
        found = found or await self._replace(b"", mine)
        mark = self._read(found)
        if mark.new and not mine.new:
            mark = self._read(await self._replace(found, mine if ours else ClusterMark(mark.id)))
        if lasts and mark.id != mine.id:
            raise LayerError(
                f"Redis at {self._way} is shared by other nodes under the same prefix; "
                "give one of the two groups another redis_prefix."
            )
        return mark

    async def _replace(self, was: bytes, mark: ClusterMark) -> bytes:
        """Return the mark that is there now, which is another one where somebody else was first."""
        (there,) = await _MARK.run(self._way, (self._cluster,), (was, msgspec.json.encode(mark)))
        return there or b""

    def _read(self, there: bytes) -> ClusterMark:
        try:
            mark = msgspec.json.decode(there, type=ClusterMark)
        except msgspec.MsgspecError:
            raise LayerError(
                f"Redis holds something else under {self._cluster}; choose another redis_prefix."
            ) from None
        if mark.format != FORMAT:
            raise LayerError(
                f"The rooms in Redis are of form {mark.format}, and this Lanchat knows form {FORMAT}; "
                "run the same version on every node."
            )
        return mark

    async def put(self, record: RoomRecord, *, new: bool) -> RoomRecord:
        """Put a room into the list; one that is new gives way to a room of its name. Raises LayerError."""
        line = msgspec.json.encode(SharedRecord(record.name, record.owner, record.salt))
        arguments = (self.topic, record.id, record.name, line, int(new))
        (reply,) = await _PUT.run(self._way, (self._rooms, self._names), arguments)
        return read_record(reply)

    async def drop(self, record: RoomRecord) -> None:
        """Take a room out of the list that a node numbers now. Raises LayerError."""
        await _DROP.run(self._way, (self._rooms, self._names), (self.topic, record.id, record.name))

    async def rooms(self) -> Sequence[RoomRecord]:
        """Return the rooms that are listed; what no node wrote is left out. Raises LayerError."""
        (reply,) = await self._way.ask(("HGETALL", self._rooms))
        found = []
        for pair in zip(reply[::2][:MOST_ROOMS], reply[1::2], strict=False):
            try:
                found.append(read_record(pair))
            except LanchatError:
                continue
        return found


def read_record(pair: Reply) -> RoomRecord:
    """Return a room as the list has it.

    Raises:
        LanchatError: no node wrote that, or the owner did not make its id.
    """
    room, line = (bytes(part or b"") for part in pair)
    try:
        if len(line) > _LONGEST:
            raise InvalidFrame("The line of a room in Redis is too long.")
        said = msgspec.json.decode(line, type=SharedRecord)
        id_ = bytes.fromhex(room.decode()).hex()
    except (msgspec.MsgspecError, ValueError):
        raise InvalidFrame("The list of rooms in Redis holds something else.") from None
    if len(id_) != len(secrets.token_hex(16)) or names.room_name(said.name) != said.name:
        raise InvalidFrame("The list of rooms in Redis holds a room that no node made.")
    record = RoomRecord(id=id_, name=said.name, home=succession.SHARED)
    return succession.owned(record, said.owner, said.salt)
