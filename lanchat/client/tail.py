"""A room's events as a program sees them: each once and in order, over any number of connections."""

from collections.abc import AsyncIterator

from lanchat.errors import NoSuchRoom, error_of
from lanchat.lan.connection import Connection
from lanchat.protocol import (
    MAX_PAGE,
    Admission,
    Cursor,
    Error,
    Event,
    Heartbeat,
    History,
    Join,
    Joined,
    Moved,
    Page,
    Reply,
    StartOver,
)


async def follow(connection: Connection, room: str, cursor: Cursor, *, wait: bool) -> AsyncIterator[Event]:
    """Join a room and give its events after the cursor, which moves on with them.

    It ends when the connection does, and when the room gave way to another of its name.

    Args:
        connection: to a node that has the room.
        room: its id.
        cursor: the last event that was handled; pass it on to the next connection when this one ends.
        wait: whether to go on when the room's top is reached.

    Raises:
        NoSuchRoom: the room's history is not the one that the cursor belongs to.
        LanchatError: the node refused.
    """
    await connection.send(Join(room=room, since=cursor.seq, limit=MAX_PAGE))
    top = -1
    asked = False
    async for notice in connection:
        events, known, oldest = _read(notice, room)
        top = max(top, known)
        before = cursor.seq
        if events and events[0].seq == oldest > cursor.seq + 1:
            cursor.seq = oldest - 1  # what lies between was removed
        for event in events:
            if cursor.admit(event.seq) is Admission.NEXT:
                yield event
        page = isinstance(notice, Page)
        asked = asked and not page
        # A page without anything new: the node has no more just now. Another notice will ask again.
        done = page and cursor.seq == before
        if isinstance(notice, Moved) or (not wait and (done or top == cursor.seq)):
            return
        if top > cursor.seq and not asked and not done:
            await connection.send(History(room=room, after=cursor.seq, limit=MAX_PAGE))
            asked = True


def _read(notice: Reply, room: str) -> tuple[list[Event], int, int]:
    """Return the events that a notice brings, the room's top, -1 when it does not tell, and the oldest event kept."""
    match notice:
        case Joined(events=events, top=top, oldest=oldest):
            return events, top, oldest
        case Page(events=events, oldest=oldest):
            return events, -1, oldest
        case Event(seq=seq):
            return [notice], seq, 1
        case Heartbeat(tops=tops):
            return [], tops.get(room, -1), 1
        case StartOver():
            raise NoSuchRoom("The room's history is not the one that was followed before; start again.")
        case Error(code=code, message=message):
            raise error_of(code, message)
        case _:
            return [], -1, 1
