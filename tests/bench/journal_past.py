"""A node's data with a long past: a million events in its rooms, and their words in the index."""

import asyncio
import itertools
import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import Author, Body, Event, Kind, NodeInfo
from tests.bench import journal_texts
from tests.bench.product import ROOM

_PAGE = 10_000
"""Events in one transaction."""
_PEOPLE = 40
_BEGAN = 1_700_000_000_000
_REACTION, _EDIT = 20, 100
"""Every so manyeth event is one, about the message before it."""


class Past(msgspec.Struct, frozen=True):
    """What was made.

    Attributes:
        data_dir: the data directory of a node that does not run.
        rooms: ids of its rooms, the one with most events first.
        top: the highest seq of that one.
        events: in all rooms.
    """

    data_dir: Path
    rooms: list[str]
    top: int
    events: int


@contextmanager
def past(events: int, rooms: int = 1, each: int = 0) -> Iterator[Past]:
    """Make data with `events` in one room and `each` in every other, which lasts until the end of the block."""
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory, "data")
        data_dir.mkdir()
        yield asyncio.run(_make(data_dir, events, rooms, each))


def is_untouched(seq: int) -> bool:
    """Return whether an event is a message, and nobody has edited it."""
    return seq % _REACTION != 0 and not {seq % _EDIT, (seq + 1) % _EDIT} & {_REACTION // 2}


async def _make(data_dir: Path, events: int, rooms: int, each: int) -> Past:
    """Fill a journal as a mirror would be filled, and wait until its words can be searched."""
    home = NodeInfo(id=secrets.token_hex(16), name=ROOM)
    records = [RoomRecord(id=secrets.token_hex(16), name=f"{ROOM} {number}", home=home) for number in range(rooms)]
    said = journal_texts.texts()
    async with Journal(data_dir / "lanchat.db", _ignore) as journal:
        # It would wait for the disk ten thousand times, for what is thrown away.
        journal._writer.connection.pragma("synchronous", "off")
        await journal.put_setting("node", home.id)
        for number, record in enumerate(records):
            await journal.put_room(record)
            run = _events(record.id, each if number else events, said)
            while page := list(itertools.islice(run, _PAGE)):
                await journal.mirror(record.id, page)
        await journal.search(records[0].id, "word", None, 1)
    return Past(data_dir, [record.id for record in records], events, events + (rooms - 1) * each)


async def _ignore(_room: str, _events: list[Event]) -> None:
    """In place of publishing."""


def _events(room: str, count: int, said: Iterator[str]) -> Iterator[Event]:
    dice = random.Random(journal_texts.SEED)
    people = [Author(id=f"{dice.getrandbits(128):032x}", nick=f"Person {number}") for number in range(_PEOPLE)]
    author = people[0]
    before = ""
    for seq in range(1, count + 1):
        kind, body = _saying(seq, next(said), before)
        author = author if kind == "edit" else dice.choice(people)
        nonce = before = f"{dice.getrandbits(64):016x}"
        at = _BEGAN + seq * 1_000
        yield Event(room=room, seq=seq, term=1, nonce=nonce, author=author, at=at, kind=kind, body=body)


def _saying(seq: int, text: str, before: str) -> tuple[Kind, Body]:
    if seq % _EDIT == _REACTION // 2:
        return "edit", Body(text=text, target=before)
    if seq % _REACTION == 0:
        return "reaction", Body(emoji="👍", target=before)
    return "message", Body(text=text)
