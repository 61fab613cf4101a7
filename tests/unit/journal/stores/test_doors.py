import msgspec
import pytest

from lanchat.errors import NoSuchRoom
from lanchat.journal import Draft, Invitation, Journal, Retention
from lanchat.protocol import Rule, write_rule
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


async def test_an_invitation_and_its_pass_are_one_transaction(journal: Journal, room: str) -> None:
    await journal.doors.put_invitation(Invitation("h", room, True, 100), 0)
    assert not await journal.doors.take_invitation(room, "h", "eve", 100)
    assert await journal.doors.take_invitation(room, "h", "ada", 99)
    assert not await journal.doors.take_invitation(room, "h", "eve", 99)
    assert (await journal.doors.record(room)).passes == {"ada"}


async def test_those_that_have_ended_are_forgotten(journal: Journal, room: str) -> None:
    await journal.doors.put_invitation(Invitation("old", room, True, 100), 0)
    await journal.doors.put_invitation(Invitation("new", room, True, 300), 200)
    assert [each.hash for each in await journal.doors.invitations(room, 0)] == ["new"]


async def test_a_room_that_is_gone_is_told(journal: Journal) -> None:
    with pytest.raises(NoSuchRoom):
        await journal.doors.put_pass("nowhere", "ada")
