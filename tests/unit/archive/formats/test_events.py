"""Events as lines."""

from msgspec.structs import replace

from lanchat.archive.formats.events import event_of, line_of
from tests.support.rooms.said import event as said


def test_a_line_says_all_of_an_event_but_the_room() -> None:
    event = replace(said(7, "tea", nonce="n"), term=3, apart=True, signature="s", voucher="v")
    assert event_of(event.room, line_of(event)) == event
