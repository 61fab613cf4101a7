"""A program that fills a disk of its own under a journal, frees it again, and prints what the journal did as JSON.

It mounts a small file system, so it runs in a mount namespace of its own, in which nothing outlives it.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from lanchat.errors import LanchatError
from lanchat.journal import Journal
from lanchat.protocol import Event
from tests.support.rooms.said import BOB, draft, record

_TEXT = "word " * 800


async def fill(disk: Path) -> dict[str, object]:
    published: list[int] = []

    async def publish(room: str, events: list[Event]) -> None:
        published.extend(event.seq for event in events)

    async with Journal(disk / "lanchat.db", publish) as journal:
        await journal.put_room(record())
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(500_000))
        kept: list[int] = []
        full = None
        while full is None and len(kept) < 1_000:
            try:
                kept.append((await journal.append(draft(_TEXT))).event.seq)
            except LanchatError as error:
                full = error
        others = await asyncio.gather(*(journal.append(draft(_TEXT)) for _ in range(5)), return_exceptions=True)
        ballast.write_bytes(bytes(440_000))
        tried = (draft("word " * 30_000, author=BOB), draft("behind it", author=BOB))
        swapped = await asyncio.gather(*map(journal.append, tried), return_exceptions=True)
        read = [event.seq for event in await journal.after("r1", 0, 2_000)]
        ballast.unlink()
        order = [kept.event.seq for kept in await asyncio.gather(*map(journal.append, tried))]
        later = [(await journal.append(draft("after", author=BOB))).event.seq for _ in range(3)]
    async with Journal(disk / "lanchat.db", publish) as journal:
        again = [event.seq for event in await journal.after("r1", 0, 2_000)]
    return {
        "kept": kept,
        "full": [type(full).__name__, *(type(other).__name__ for other in others)],
        "swapped": [type(each).__name__ for each in swapped],
        "order": order,
        "read": read,
        "later": later,
        "published": published,
        "again": again,
    }


if __name__ == "__main__":
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", sys.argv[1]], check=True)
    print(json.dumps(asyncio.run(fill(Path(sys.argv[1])))))
