"""What waits at a node that becomes home, over a real journal."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from lanchat.journal import PIECE, Journal, LedgerRecord, Numbered, Refused
from lanchat.rooms.quorum.waiting.leftover import AGAIN, AHEAD, Leftover
from lanchat.rooms.quorum.worker import Worker
from tests.support.conditions import eventually
from tests.support.rooms.said import HERE, THERE, draft, record

MANY = 2 * PIECE + 5


class Made:
    """The leftover of a room that others keep as well, and what is asked of it."""

    def __init__(self, journal: Journal) -> None:
        self.numbering = True
        self.ahead = 0
        self.refused: list[Refused] = []
        self.failures: list[Exception] = []
        self.journal = journal
        self.worker = Worker(self.failures.append)
        self.leftover = Leftover(
            lambda: "r1", journal.ledgers, self._tell, lambda: self.numbering, lambda: self.ahead, self.worker.do
        )

    async def _tell(self, refused: Sequence[Refused]) -> None:
        self.refused += refused

    async def begin(self) -> None:
        """Be home, and number the first piece."""
        home = msgspec.structs.replace(record(), term=2, home=HERE)
        begun = self.journal.ledgers.begin(home, 0, alone=False)
        self.leftover.hold()
        self.worker.do(lambda: self._go_on(begun))
        await begun

    async def _go_on(self, begun: "asyncio.Future[Numbered]") -> None:
        await self.leftover.go_on(await begun)

    async def numbered(self) -> list[str]:
        """Return what is in the log, in its order."""
        entries = await self.journal.ledgers.entries("r1", 0, 2 * MANY, 2**30)
        return [entry.event.body.text for entry in entries if entry.event is not None]


@pytest.fixture
async def made(journal: Journal) -> Made:
    await journal.put_room(record(home=THERE))
    await journal.ledgers.put("r1", LedgerRecord("me", 1, "", 1, "first", 0))
    await asyncio.gather(*(journal.enqueue(draft(text, nonce=f"nonce {text}")) for text in map(str, range(MANY))))
    return Made(journal)


async def test_what_is_said_here_meanwhile_comes_behind_what_waited(made: Made) -> None:
    made.ahead = AHEAD + 1
    await made.begin()
    assert made.leftover.busy
    await made.journal.enqueue(draft("meanwhile", nonce="meanwhile"))
    await made.journal.append(draft("from elsewhere", nonce="elsewhere"), brought=True)
    made.ahead = 0
    await eventually(lambda: not made.leftover.busy, what="everything is numbered")
    await made.journal.append(draft("then", nonce="then"))
    waited = [*map(str, range(PIECE)), "from elsewhere", *map(str, range(PIECE, MANY)), "meanwhile", "then"]
    await eventually(lambda: made.journal.top("r1") >= 0)
    assert await made.numbered() == waited
    assert (made.refused, made.failures) == ([], [])


async def test_nothing_more_is_numbered_while_others_lag_behind_or_once_another_node_is_home(made: Made) -> None:
    made.ahead = AHEAD + 1
    await made.begin()
    await made.worker.close()
    assert len(await made.numbered()) == PIECE
    made.numbering, made.ahead = False, 0
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()

    await asyncio.sleep(0)
    made.worker.do(look)
    await looked.wait()
    await made.journal.ledgers.settle()
    assert len(await made.numbered()) == PIECE
    assert len(await made.journal.outbox("r1")) == MANY


async def test_a_home_of_a_later_term_begins_anew(made: Made) -> None:
    made.ahead = AHEAD + 1
    await made.begin()
    made.leftover.hold()
    await made.leftover.go_on(await made.journal.ledgers.number_waiting("r1"))
    made.ahead = 0
    await eventually(lambda: not made.leftover.busy, what="everything is numbered")
    await eventually(lambda: made.journal.top("r1") >= 0)
    assert await made.numbered() == [*map(str, range(MANY))]


async def test_nothing_is_numbered_or_looked_at_once_it_has_stopped(made: Made) -> None:
    looks = 0

    def ahead() -> int:
        nonlocal looks
        looks += 1
        return AHEAD + 1

    made.leftover._ahead = ahead
    await made.begin()
    await eventually(lambda: looks > 1, what="it looks again and again")
    made.leftover.stop()
    seen = looks
    later = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(2 * AGAIN, later.set_result, None)
    await later
    assert (looks, made.leftover.busy) == (seen, False)
    assert len(await made.numbered()) == PIECE
