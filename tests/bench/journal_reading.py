"""How long it takes to enter a room with a long past, and to find something in it."""

import itertools
import random
import time
from collections import defaultdict

from lanchat.lan.connection.connection import Connection
from lanchat.protocol import Found, Join, Joined, Leave, Search
from tests.bench import journal_texts
from tests.bench.journal_client import say
from tests.bench.rows import BenchFailed

SHOWN = 50
"""Events that somebody who enters sees."""


async def join(connection: Connection, room: str) -> float:
    """Enter a room, and leave it again; gives the seconds until its last events have come."""
    began = time.perf_counter()
    joined = await connection.ask(Join(room=room, limit=SHOWN), Joined)
    taken = time.perf_counter() - began
    if [event.seq for event in joined.events] != list(range(joined.top - SHOWN + 1, joined.top + 1)):
        raise BenchFailed("The last events of the room were not given.")
    await connection.send(Leave(room=room))
    return taken


async def search(connection: Connection, room: str, text: str) -> float:
    """Search in a room that this client has joined; gives the seconds until what was found has come."""
    began = time.perf_counter()
    found = await connection.ask(Search(room=room, text=text), Found)
    taken = time.perf_counter() - began
    if not all(hit.marks for hit in found.hits):
        raise BenchFailed(f"What was found for {text!r} does not hold it.")
    return taken


async def searches(connection: Connection, room: str, times: int) -> dict[str, list[float]]:
    """Search for everything so often, in a mixed order; gives the seconds of each search by its kind."""
    asked = [(kind, text) for kind, texts in journal_texts.queries().items() for text in texts * times]
    random.Random(journal_texts.SEED).shuffle(asked)
    taken = defaultdict(list)
    for kind, text in asked:
        taken[kind].append(await search(connection, room, text))
    return taken


async def search_behind(connection: Connection, room: str, events: int, turn: int) -> float:
    """Search just after so many events were said, which the index of words does not have yet."""
    await say(connection, room, itertools.islice(journal_texts.texts(), events), f"behind {turn}")
    return await search(connection, room, journal_texts.vocabulary()[0])
