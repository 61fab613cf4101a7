import asyncio
from pathlib import Path

import msgspec
import pytest

from lanchat.errors import NoSuchRoom
from lanchat.journal import Draft, Journal, Retention
from lanchat.journal.stores.doors import PIECE
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


async def test_doors_of_many_rooms_are_read_in_the_order_asked_for(journal: Journal, room: str) -> None:
    await journal.append(rule(Rule(change="locked")))
    others = [f"o{number}" for number in range(PIECE)]
    await asyncio.gather(*(journal.put_room(record(other)) for other in others))
    await journal.doors.put_pass(others[-1], "ada")
    kept = await journal.doors.kept([room, *others, "nowhere"])
    assert [len(rules) for rules, _ in kept] == [1] + [0] * (PIECE + 1)
    assert [rest.passes for _, rest in kept] == [set()] * PIECE + [{"ada"}, set()]


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
