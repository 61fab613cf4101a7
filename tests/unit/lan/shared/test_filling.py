"""What a node brings Redis of a room, page by page."""

from lanchat.journal import Journal
from lanchat.lan.shared.entries import event_of
from lanchat.lan.shared.filling import Filling
from lanchat.lan.shared.moves import scripts
from lanchat.lan.shared.stream import RoomStream
from lanchat.protocol import MAX_PAGE
from lanchat.rooms import Doorkeeper
from tests.support.identity import SEAL
from tests.support.journal.contract import ROOM, draft
from tests.support.redis.servers import RedisServer
from tests.support.rooms.said import HERE, record


async def filling(journal: Journal, stream: RoomStream, server: RedisServer) -> Filling:
    server.ask("FLUSHALL")
    await journal.put_room(record(ROOM, home=HERE))
    await stream.run(scripts.RECEIVE, HERE.id, 2, 60_000)
    return Filling(ROOM, stream, journal, Doorkeeper(journal.doors), SEAL, HERE.id)


async def test_page_after_page_comes_and_the_last_one_opens_the_room(
    journal: Journal, stream: RoomStream, server: RedisServer
) -> None:
    bringing = await filling(journal, stream, server)
    for number in range(MAX_PAGE + 1):
        await journal.append(draft(f"n{number}", str(number)))
    assert await bringing.page(2, 0, final=True) == MAX_PAGE
    assert (await stream.view(0, 1)).state == "fill"
    assert await bringing.page(2, MAX_PAGE, final=True) == 1
    view = await stream.view(MAX_PAGE, 10)
    assert (view.state, view.last) == ("open", MAX_PAGE + 1)
    assert event_of(view.entries[0], ROOM, "").body.text == str(MAX_PAGE)


async def test_whose_turn_it_is_not_hears_that(journal: Journal, stream: RoomStream, server: RedisServer) -> None:
    bringing = await filling(journal, stream, server)
    assert await bringing.begin(2, 1)
    assert not await bringing.begin(3, 2)
    assert await bringing.page(3, 0, final=False) is None
    server.ask("FLUSHALL")
    assert not await bringing.begin(2, 2)
    assert await bringing.page(2, 0, final=True) is None
