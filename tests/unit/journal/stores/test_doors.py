from pathlib import Path

import msgspec
import pytest

from lanchat.errors import NoSuchRoom
from lanchat.journal import Draft, Journal, Retention
from lanchat.protocol import Rule, write_rule
from tests.support.journal.damage import furnish, overwrite
from tests.support.rooms.said import draft, record


def rule(rule: Rule) -> Draft:
    return msgspec.structs.replace(draft(write_rule(rule)), kind="rule")


@pytest.fixture
async def room(journal: Journal) -> str:
    await journal.put_room(record())
    return "r1"


async def test_rules_outlive_what_retention_removes(journal: Journal, room: str) -> None:
    await journal.append(rule(Rule(change="locked")))
    for number in range(5):
        await journal.append(draft(f"{number}"))
    await journal.append(rule(Rule(change="slow", seconds=3)))
    await journal.retain(room, Retention(count=1))
    assert journal.oldest(room) == 7
    assert [event.seq for event in await journal.doors.rules(room)] == [1, 7]
    assert [event.seq for event in await journal.doors.rules(room, 1)] == [7]
    assert [event.seq for event in await journal.doors.rules(room, 0, 1)] == [1]


async def test_rules_of_an_archive_are_left_out(journal: Journal, room: str) -> None:
    await journal.append(rule(Rule(change="locked")))
    (event,) = await journal.doors.rules(room)
    await journal.put_room(record("r2"))
    merged = await journal.merge("r2", [event])
    assert (merged.fresh, merged.refused) == (0, 1)
    assert await journal.doors.rules("r2") == []


async def test_a_room_that_is_gone_is_told(journal: Journal) -> None:
    with pytest.raises(NoSuchRoom):
        await journal.doors.put_pass("nowhere", "ada")


@pytest.mark.parametrize("damaged", [False, True])
async def test_after_damage_nobody_knows_whether_all_rules_are_here(database: Path, damaged: bool) -> None:
    furnish(database)
    if damaged:
        overwrite(database, b"say 200.")

    async def kept(*_: object) -> None:
        pass

    async with Journal(database, kept) as journal:
        assert journal.doors.doubtful is damaged
