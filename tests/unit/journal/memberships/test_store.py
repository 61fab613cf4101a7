from msgspec.structs import replace

from lanchat.journal import Journal, MembershipRecord
from tests.support.rooms.said import ADA, BOB, draft, record

MINE = MembershipRecord(ADA.id, "r1", read=1)


async def test_it_is_kept_in_the_order_of_the_calls(journal: Journal) -> None:
    await journal.put_room(record())
    for text in ("one", "two"):
        await journal.append(draft(text, author=BOB))
    futures = [journal.memberships.put([replace(MINE, read=read)]) for read in (0, 1)]
    for future in futures:
        await future
    assert await journal.memberships.of_person(ADA.id) == [MINE]
    top, unread = await journal.memberships.unread("r1", ADA.id, 1)
    assert (top, [said.seq for said in unread]) == (2, [2])
    await journal.memberships.drop(ADA.id, "r1")
    assert await journal.memberships.of_person(ADA.id) == []
