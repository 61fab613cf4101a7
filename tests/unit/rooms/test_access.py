"""What the gate says, to whom, for what."""

from typing import get_args

import pytest

from lanchat.errors import InvalidFrame, InvalidNick, LanchatError, NotOwner
from lanchat.protocol import Author, NodeInfo, guest_id
from lanchat.rooms.access import AT_MACHINE, AT_WINDOW, PASSER, Access, Action, Visitor
from tests.support.identity import MAX, SEAL

THERE = NodeInfo(id="b" * 32, name="there")
ADA = Author(id="ada-ada-ada", nick="Ada")
OWNER = Author(id="o" * 32, nick="Owner")
GUEST = Visitor("guest", ADA)
LINK = Visitor("link", ADA, node=THERE, person=MAX.id, room="room")
HOME = Visitor("home", node=THERE)
LINES = Visitor("lines", ADA)
WINDOW = Visitor("window", OWNER, owner=True)
SCRIPT = Visitor("script", ADA, owner=True)
EVERYBODY = (GUEST, LINK, HOME, LINES, WINDOW, SCRIPT, PASSER, AT_WINDOW, AT_MACHINE)
ALLOWED: dict[Action, tuple[Visitor, ...]] = {
    "announce": (HOME, WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "archive": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "compare": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "purge": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "continue": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "diagnose": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "renew": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "forget": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "link": (LINK, HOME),
    "vote": (LINK, HOME),
    "mirror": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "bridge": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "unite": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "move": (WINDOW, SCRIPT, AT_WINDOW, AT_MACHINE),
    "bring": (LINK, HOME),
}
REFUSALS: dict[Action, type[LanchatError]] = {
    "announce": NotOwner,
    "archive": NotOwner,
    "compare": NotOwner,
    "purge": NotOwner,
    "continue": NotOwner,
    "diagnose": NotOwner,
    "renew": NotOwner,
    "forget": NotOwner,
    "link": InvalidFrame,
    "vote": InvalidFrame,
    "mirror": NotOwner,
    "bridge": NotOwner,
    "unite": NotOwner,
    "move": NotOwner,
    "bring": InvalidFrame,
}


@pytest.mark.parametrize("action", get_args(Action))
def test_who_may_do_what(action: Action) -> None:
    for visitor in EVERYBODY:
        if visitor in ALLOWED.get(action, EVERYBODY):
            Access(OWNER.id).check(visitor, action, "room")
        else:
            with pytest.raises(REFUSALS[action]):
                Access(OWNER.id).check(visitor, action, "room")


@pytest.mark.parametrize("action", sorted(set(get_args(Action)) - set(REFUSALS) | {"link", "vote", "bring"}))
@pytest.mark.parametrize("room", ["another", "", "room2"])
def test_a_link_is_for_one_room(action: Action, room: str) -> None:
    if action in {"connect", "list"}:
        Access(OWNER.id).check(LINK, action, room)
    else:
        with pytest.raises(InvalidFrame, match="another room"):
            Access(OWNER.id).check(LINK, action, room)


def test_everybody_speaks_as_themselves_and_a_link_for_whom_it_names() -> None:
    access = Access(OWNER.id)
    eve = Author(id=guest_id("eve"), nick="Eve")
    assert access.speaker(GUEST, eve) == ADA
    assert access.speaker(WINDOW, eve) == OWNER
    assert access.speaker(LINK, eve) == eve
    assert access.speaker(LINK, MAX) == MAX


@pytest.mark.parametrize(
    ("named", "error"),
    [
        (None, InvalidFrame),
        (Author(id="short", nick="Eve"), InvalidFrame),
        (Author(id="eve-eve-eve", nick="Eve"), InvalidFrame),
        (OWNER, InvalidFrame),
        (Author(id=SEAL.id, nick="Owner"), InvalidFrame),
        (Author(id=guest_id("eve"), nick="\n"), InvalidNick),
        (Author(id=guest_id("eve"), nick=" Eve"), InvalidNick),
        (Author(id=MAX.id, nick=""), InvalidNick),
    ],
)
def test_a_link_speaks_for_nobody_who_cannot_be(named: Author | None, error: type[LanchatError]) -> None:
    with pytest.raises(error):
        Access(OWNER.id).speaker(LINK, named)


def test_a_link_brings_what_others_have_signed_and_nobody_else_does() -> None:
    assert Access(OWNER.id).speaker(LINK, ADA, signed=True) == ADA
    assert Access(OWNER.id).speaker(GUEST, MAX, signed=True) == ADA
    with pytest.raises(InvalidNick):
        Access(OWNER.id).speaker(LINK, Author(id=MAX.id, nick=" Max"), signed=True)
