from lanchat.journal import Journal
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import Typing
from lanchat.rooms.network import ALONE
from tests.support.rooms.members import mirror_of
from tests.support.rooms.said import ADA, HERE, THERE, draft, record


def test_alone_there_is_nothing_to_be_found() -> None:
    assert (ALONE.find(name="Hall"), ALONE.find(room="r1"), ALONE.found()) == (None, None, [])


async def test_what_is_said_in_a_mirror_waits_while_there_is_no_network(
    published: Journal, layer: InMemoryChannelLayer
) -> None:
    room = mirror_of(record("m1", home=THERE), HERE, published, layer)
    link = ALONE.link(room)
    room = mirror_of(record("m1", home=THERE), HERE, published, layer, link)
    assert await room.post(draft(room="m1")) is None
    await room.typing(Typing(room="m1", author=ADA, node=HERE.id))
    assert (room.info.online, room.fetching, len(await published.outbox("m1"))) == (False, 0, 1)
    await room.close()
