"""What a node is called."""

from pathlib import Path

from lanchat.identity.certificate import NodeCertificate
from lanchat.identity.keyring import Keyring
from lanchat.identity.keys import PersonKey
from lanchat.identity.node import identify
from lanchat.journal import Journal, RoomRecord
from lanchat.protocol import NodeInfo


def keys(*former: str) -> Keyring:
    return Keyring(PersonKey.new(), NodeCertificate.new(), Path(), frozenset(former))


THERE = NodeInfo(id="b" * 32, name="there")


async def test_the_id_is_the_certificates_and_the_name_is_todays(journal: Journal) -> None:
    keyring = keys()
    first = await identify(journal, keyring, "desk")
    again = await identify(journal, keyring, "table")
    assert first.id == again.id == keyring.node.id
    assert (first.name, again.name) == ("desk", "table")


async def test_the_rooms_of_a_database_stay_at_home_when_its_keys_are_others(journal: Journal) -> None:
    former = await identify(journal, keys(), "desk")
    await journal.put_room(RoomRecord(id="mine", name="mine", home=former))
    await journal.put_room(RoomRecord(id="theirs", name="theirs", home=THERE, term=3))
    now = await identify(journal, keys(), "desk")
    kept = {room.id: (room.home.id, room.term) for room in await journal.rooms() if room.id in {"mine", "theirs"}}
    assert kept == {"mine": (now.id, 2), "theirs": (THERE.id, 3)}


async def test_the_rooms_of_a_copy_have_their_home_where_it_was_copied_from(journal: Journal) -> None:
    former = await identify(journal, keys(), "desk")
    await journal.put_room(RoomRecord(id="mine", name="mine", home=former))
    copied = keys(former.id)
    for _ in range(2):
        now = await identify(journal, copied, "desk")
        assert now.id == copied.node.id
        assert [room.home.id for room in await journal.rooms() if room.id == "mine"] == [former.id]
