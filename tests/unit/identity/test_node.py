"""What a node is called."""

from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.node import identify
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import NodeInfo

THERE = NodeInfo(id="b" * 32, name="there")


async def test_the_id_is_the_certificates_and_the_name_is_todays(journal: Journal) -> None:
    certificate = NodeCertificate.new()
    first = await identify(journal, certificate, "desk")
    again = await identify(journal, certificate, "table")
    assert first.id == again.id == certificate.id
    assert (first.name, again.name) == ("desk", "table")


async def test_the_rooms_of_a_database_stay_at_home_when_its_keys_are_others(journal: Journal) -> None:
    former = await identify(journal, NodeCertificate.new(), "desk")
    await journal.put_room(RoomRecord(id="mine", name="mine", home=former))
    await journal.put_room(RoomRecord(id="theirs", name="theirs", home=THERE, term=3))
    now = await identify(journal, NodeCertificate.new(), "desk")
    kept = {room.id: (room.home.id, room.term) for room in await journal.rooms() if room.id in {"mine", "theirs"}}
    assert kept == {"mine": (now.id, 2), "theirs": (THERE.id, 3)}
