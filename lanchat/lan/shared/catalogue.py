"""What Redis keeps of all shared rooms: whose it is, and which rooms there are."""

import secrets
from collections.abc import Sequence

import msgspec

from lanchat.errors import InvalidFrame, LanchatError
from lanchat.identity import names
from lanchat.journal import RoomRecord
from lanchat.layers import LayerError
from lanchat.layers.redis.connection import Pipeline, Reply, Script
from lanchat.rooms import succession

FORMAT = 1
"""Which form of keys and entries this Lanchat writes and reads."""
MOST_ROOMS = 10_000
"""Most rooms that are taken from one Redis."""
_LONGEST = 2_000
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


class SharedRecord(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the list says of a room."""

    name: str
    owner: str = ""
    salt: str = ""


class ClusterMark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose a Redis is: the random id of the nodes that share it, and the form of what they write.

    Attributes:
        id: of the nodes.
        format: of what they write.
        new: whether a node that knew of none has made it, and nothing was said under it yet: it then gives way to the
            id of nodes that have shared rooms before, whose Redis this was until it lost everything.
    """

    id: str
    format: int
    new: bool = False


class Catalogue:
    """The list of shared rooms, and the mark of the nodes that share them.

    Args:
        pipeline: the way to the server.
        prefix: what the names of all keys begin with.

    Attributes:
        topic: where nodes tell each other that the list has changed.
    """

    def __init__(self, pipeline: Pipeline, prefix: str) -> None:
        key = f"{prefix}:{{rooms}}:"
        self.topic = f"{key}topic"
        self._cluster, self._rooms, self._names = f"{key}cluster", f"{key}list", f"{key}names"
        self._pipeline = pipeline

    async def join(self, ours: str, *, talks: bool = False) -> str:
        """Be one of the nodes that share this Redis.

        Args:
            ours: the id that this node remembers; empty when in no room of it anything was said yet.
            talks: whether something was.

        Returns:
            The id that the nodes have in common, which is to be remembered; empty as long as it may still give way.

        Raises:
            LayerError: Redis cannot be asked, or is that of other nodes, or of another version.
        """
        (found,) = await self._pipeline.ask(("GET", self._cluster))
        if not found:
            found = await self._replace(b"", ClusterMark(ours or secrets.token_hex(16), FORMAT, new=not ours))
        mark = self._read(found)
        if mark.new and (ours or talks):
            mark = self._read(await self._replace(found, ClusterMark(ours or mark.id, FORMAT)))
        if ours and mark.id != ours:
            raise LayerError(
                f"Redis at {self._pipeline.server} is shared by other nodes under the same prefix; "
                "give one of the two groups another redis_prefix."
            )
        return "" if mark.new else mark.id

    async def _replace(self, was: bytes, mark: ClusterMark) -> bytes:
        """Return the mark that is there now, which is another one where somebody else was first."""
        (there,) = await _MARK.run(self._pipeline, (self._cluster,), (was, msgspec.json.encode(mark)))
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
        (reply,) = await _PUT.run(self._pipeline, (self._rooms, self._names), arguments)
        return read_record(reply)

    async def rooms(self) -> Sequence[RoomRecord]:
        """Return the rooms that are listed; what no node wrote is left out. Raises LayerError."""
        (reply,) = await self._pipeline.ask(("HGETALL", self._rooms))
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
