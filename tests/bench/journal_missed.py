"""How fast a mirror that was away has what it has missed."""

import itertools
import secrets
import tempfile
import time
from pathlib import Path

from lanchat.journal import RoomRecord
from lanchat.protocol import Join, Joined
from tests.bench import journal_texts
from tests.bench.journal_client import say, visiting
from tests.recovery.node import Node, starting
from tests.support.conditions import eventually

_PATIENCE = 60.0


async def catch_up(events: int) -> tuple[float, float]:
    """Let a mirror miss so many events.

    Returns:
        Seconds until a client of the mirror sees the last of them: since the mirror listens again, and since its
        process was started again.
    """
    with tempfile.TemporaryDirectory() as directory:
        home, mirror = (Node(Path(directory, name), f"bench {name}", silence=None) for name in ("home", "mirror"))
        room = RoomRecord(id=secrets.token_hex(16), name="bench missed", home=home.info)
        await home.settle(room)
        await mirror.settle(RoomRecord(room.id, room.name, home.info, addresses=(f"127.0.0.1:{home.port}",)))
        with starting(home), starting(mirror):
            await home.ready()
            await mirror.ready()
            known = await _say(home, room.id, 1, "known")
            await _until(mirror, room.id, known)
            mirror.stop()
            last = await _say(home, room.id, events, "missed")
            began = time.monotonic()
            mirror.again()
            start = await mirror.ready()
            await _until(mirror, room.id, last)
            whole = time.monotonic() - began
    return whole - start, whole


async def _say(node: Node, room: str, events: int, name: str) -> int:
    async with visiting(node.port) as connection:
        await connection.ask(Join(room=room), Joined)
        return await say(connection, room, itertools.islice(journal_texts.texts(), events), name)


async def _until(node: Node, room: str, seq: int) -> None:
    """Enter the room again and again, until its last event is there: a mirror may not tell each one that it missed."""
    async with visiting(node.port) as connection:

        async def there() -> bool | None:
            joined = await connection.ask(Join(room=room, limit=1), Joined)
            return bool(joined.events) and joined.events[-1].seq >= seq

        await eventually(there, _PATIENCE, f"the mirror has event {seq}")  # type: ignore[arg-type]
