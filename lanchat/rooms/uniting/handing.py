"""What a node does with a room that goes on as another one.

Everybody who has the room brings all of it: nobody has to be chosen for that, and who is switched off in the middle is
missed by nobody. What is brought twice is known by its nonce.
"""

from lanchat.journal import Journal
from lanchat.rooms.network import Unlinked
from lanchat.rooms.roles import Mirror
from lanchat.rooms.room import Room
from lanchat.rooms.uniting.words import Heir


async def hand_on(room: Room, other: Room, heir: Heir, journal: Journal) -> None:
    """Let everything in a room wait for the home of the one as which it goes on; what is said meanwhile as well.

    Where that home is here, it is numbered at once.

    Raises:
        JournalError: not everything could be moved; both rooms are kept as they were, and it may be tried again.
    """
    if room.seat is not None:
        await room.seat.leave()
    await room.become(room.record, lambda former: Mirror(former.id, journal, Unlinked()))
    await journal.unions.pass_on(room.id, other.id, heir.words[::-1])
    if other.kind == "home":
        numbered = await journal.ledgers.number_waiting(other.id)
        while numbered.more:
            numbered = await journal.ledgers.number_waiting(other.id, numbered.place)
