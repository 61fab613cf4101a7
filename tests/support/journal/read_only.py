"""A program that opens a journal whose file nobody may write to, and prints what it did as JSON."""

import asyncio
import json
import sys
from pathlib import Path

from lanchat.errors import LanchatError
from lanchat.journal import Journal
from lanchat.protocol import Event
from tests.support.rooms.said import draft


async def use(database: Path) -> dict[str, object]:
    async with Journal(database, _ignore) as journal:
        try:
            await journal.append(draft())
        except LanchatError as error:
            refused = error.code
        else:
            refused = ""
        return {"refused": refused, "read": [event.seq for event in await journal.after("r1", 0, 50)]}


async def _ignore(room: str, events: list[Event]) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    print(json.dumps(asyncio.run(use(Path(sys.argv[1])))))
