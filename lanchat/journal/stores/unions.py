"""Rooms that go on as another one, as the rest of Lanchat has them written: over the journal's writer."""

from collections.abc import Sequence

from lanchat.journal import unions
from lanchat.journal.stores.doors import Writing
from lanchat.protocol import Event


class UnionStore:
    """Moves what was said in one room into the outbox of another. Everything raises JournalError when it cannot.

    Args:
        write: does a piece of work in the next transaction.
    """

    def __init__(self, write: Writing) -> None:
        self._write = write

    async def is_provable(self, room: str, person: str) -> bool:
        """Return whether everything in a room is signed, or can be by the person of this node."""
        return await self._write(lambda t: unions.is_provable(t, room, person))

    async def begun(self, room: str) -> int:
        """Return when the first thing was said in a room (milliseconds since 1970); 0 where that is not kept."""
        return await self._write(lambda t: unions.begun(t, room))

    async def pass_on(self, room: str, heir: str, words: Sequence[Event]) -> None:
        """Let everything in a room wait for the home of the one as which it goes on, in pieces, and forget the room.

        Whoever ends in the middle of it has both rooms as they were, and may begin again.

        Args:
            room: the one.
            heir: the other, which is kept as well.
            words: by which it goes on so, the last one first: each is believed by those before it.

        Raises:
            NoSuchRoom: one of them was forgotten.
        """
        await self._write(lambda t: unions.announce(t, heir, words))
        seq = 0
        while seq := await self._write(lambda t, after=seq: unions.pass_on(t, room, heir, after)):  # type: ignore[misc]
            pass
        await self._write(lambda t: unions.inherit(t, room, heir))
