from lanchat.journal import Draft, RoomRecord
from lanchat.protocol import Body
from tests.support.rooms.said import ADA, HERE


def test_a_draft_is_a_message_unless_it_says_otherwise() -> None:
    assert Draft("r1", "n", ADA, Body(text="x")).kind == "message"


def test_a_new_room_begins_with_term_one() -> None:
    room = RoomRecord("r1", "Kitchen", HERE)
    assert (room.term, room.addresses) == (1, ())
