"""Who may pass a room on."""

import msgspec
import pytest

from lanchat.errors import NotModerator
from lanchat.rooms import Comer
from lanchat.rooms.door.doorway import Doorway
from lanchat.rooms.door.sharing import check_sharing

OWNER = Comer("o" * 32, at_home=True, guest=False)
GUEST = Comer("g" * 32, "192.0.2.7")


def test_a_guest_passes_on_an_open_room_and_the_person_of_the_node_any() -> None:
    door = Doorway("o" * 32)
    check_sharing(door, GUEST)
    door.policy = msgspec.structs.replace(door.policy, listed=False)
    check_sharing(door, OWNER)


@pytest.mark.parametrize(("what", "value"), [("listed", False), ("locked", True), ("door", "invite")])
def test_a_guest_keeps_to_themselves_what_is_not_for_everybody(what: str, value: object) -> None:
    door = Doorway("o" * 32)
    door.passes.add(GUEST.id)
    door.policy = msgspec.structs.replace(door.policy, **{what: value})
    with pytest.raises(NotModerator):
        check_sharing(door, GUEST)
    check_sharing(door, OWNER)
