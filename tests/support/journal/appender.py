"""A program that appends to a journal until it is killed, and prints each event's seq and nonce once it is kept."""

import asyncio
import itertools
import sys
from pathlib import Path

from lanchat.journal import Journal
from lanchat.protocol import Event
from tests.support.rooms.said import draft, record


async def append_for_ever(database: Path) -> None:
    async with Journal(database, _ignore) as journal:
        await journal.put_room(record())
        for number in itertools.count():
            burst = [journal.append(draft(nonce=f"{number}-{place}")) for place in range(3)]
            for kept in await asyncio.gather(*burst):
                print(kept.event.seq, kept.event.nonce, flush=True)


async def _ignore(room: str, events: list[Event]) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    asyncio.run(append_for_ever(Path(sys.argv[1])))
