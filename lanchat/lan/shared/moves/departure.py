"""A room that leaves Redis: which node numbers it from then on, and how the others learn that."""

from typing import Self

import msgspec

from lanchat.errors import CannotMove, InvalidFrame
from lanchat.identity import names
from lanchat.journal import RoomRecord
from lanchat.lan.shared.moves import scripts
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import NodeInfo

_LONGEST = 1_000
_MOST_ADDRESSES = 8


class RoomHome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which node has taken a room out of Redis, and where it answers."""

    id: str
    name: str
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, node: NodeInfo, address: str) -> Self:
        """Return a node as the home of a room, at `host:port` where that is known."""
        return cls(node.id, node.name, (address,) if address else ())


class Departure:
    """What is asked of Redis when a room leaves it.

    Args:
        stream: the room's keys.
    """

    def __init__(self, stream: RoomStream) -> None:
        self._stream = stream

    async def release(self, term: int, home: RoomHome) -> None:
        """Let Redis number nothing more; from here on the room is one of that node. To do it again does nothing.

        Raises:
            CannotMove: Redis does not number it now, or under another term.
            LayerError: Redis cannot be asked.
        """
        if await self._stream.run(scripts.RELEASE, term, home.id, msgspec.json.encode(home)) != b"ok":
            raise CannotMove("Redis does not number the room just now; try it again in a moment.")

    async def insist(self, term: int, home: RoomHome) -> None:
        """Let Redis know again what it has forgotten: that it has let go of the room. Raises LayerError.

        Args:
            term: under which the room is numbered.
            home: the node that does, which is this one.
        """
        await self._stream.run(scripts.INSIST, term, home.id, msgspec.json.encode(home))

    async def whither(self, record: RoomRecord) -> RoomRecord | None:
        """Return a room as it is now that has left Redis; None when it has not.

        Raises:
            LayerError: Redis cannot be asked.
            InvalidFrame: no node wrote what it says.
        """
        said, term = await self._stream.home()
        if said is None:
            return None
        try:
            home = msgspec.json.decode(said[:_LONGEST], type=RoomHome)
        except (msgspec.MsgspecError, ValueError):
            raise InvalidFrame("Redis says of a room that it went where no node is.") from None
        node = NodeInfo(id=home.id, name=names.node_name(home.name))
        return msgspec.structs.replace(record, home=node, term=term, addresses=home.addresses[:_MOST_ADDRESSES])

    async def empty(self, node: str) -> bool:
        """Remove what was said from Redis, now that the node of this id has it; False: it does not know that it has.

        Raises:
            LayerError: Redis cannot be asked.
        """
        return bool(await self._stream.run(scripts.EMPTY, node) == b"ok")
