"""A room that goes on as another one, over the journal's writer."""

from pathlib import Path

from lanchat.journal import Journal
from tests.support.identity import key
from tests.support.rooms.said import THERE, draft, record
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, _ = CHAIN.rooms


async def ignore(*_: object) -> None:
    """Nobody listens."""


async def test_everything_waits_behind_the_word_and_the_room_is_gone(tmp_path: Path) -> None:
    async with Journal(tmp_path / "lanchat.db", ignore) as journal:
        await journal.put_room(record(SECOND))
        await journal.put_room(record(FIRST, home=THERE))
        for text in "ab":
            await journal.append(draft(text, room=SECOND))
        assert not await journal.unions.is_provable(SECOND, "me"), "nobody has signed it"
        await journal.unions.pass_on(SECOND, FIRST, [CHAIN.word(SECOND, FIRST)])
        waiting = [each for _, each in await journal.outbox(FIRST)]
        assert [each.kind for each in waiting] == ["rule", "message", "message"]
        assert [room.id for room in await journal.rooms()] == [FIRST]
