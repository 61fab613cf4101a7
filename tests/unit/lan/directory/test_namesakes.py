"""Which of several rooms of one name goes, and to which."""

import itertools

import msgspec
import pytest

from lanchat.lan.directory.namesakes import gives_way_to, joins, may_go
from lanchat.protocol import RoomInfo
from tests.support.rooms.said import THERE


def room(
    name: str, *, kind: str = "found", top: int = 0, online: bool = True, door: str = "open", called: str = "Hall"
) -> RoomInfo:
    fields = {"id": name, "name": called, "node": THERE, "kind": kind, "members": 1, "top": top, "online": online}
    return msgspec.convert(msgspec.to_builtins({**fields, "door": door}), RoomInfo)


HOME, LEFT = room("5", kind="home"), room("5", kind="mirror", online=False)


@pytest.mark.parametrize(
    ("mine", "may"),
    [
        (HOME, True),
        (room("5", kind="home", top=1), False),
        (LEFT, True),
        (room("5", kind="mirror", online=False, top=1), False),
        (room("5", kind="mirror", online=True), False),
    ],
)
def test_only_a_room_may_go_in_which_nobody_has_spoken_and_which_nobody_numbers_elsewhere(
    mine: RoomInfo, may: bool
) -> None:
    assert may_go(mine) is may
    assert (gives_way_to(mine, [room("3", top=1)]) == "3") is may


@pytest.mark.parametrize(
    ("mine", "offers", "goes_to"),
    [
        (HOME, [], None),
        (HOME, [room("3")], "3"),
        (HOME, [room("7")], None),
        (HOME, [room("7", top=1)], "7"),
        (HOME, [room("3"), room("7", top=1)], "7"),
        (HOME, [room("8", top=1), room("7", top=9)], "7"),
        (HOME, [room("3"), room("1")], "1"),
        (HOME, [room("5"), room("3")], None),
        (HOME, [room("3", called="Yard")], None),
        (HOME, [room("3", door="passphrase")], None),
        (HOME, [room("3", top=1, door="invite"), room("4")], "4"),
        (LEFT, [room("7")], "7"),
        (LEFT, [room("7"), room("9", top=1)], "9"),
        (LEFT, [room("7", door="invite")], None),
        (LEFT, [room("5"), room("3")], None),
    ],
)
def test_which_room_gives_way_to_which(mine: RoomInfo, offers: list[RoomInfo], goes_to: str | None) -> None:
    assert gives_way_to(mine, offers) == goes_to


@pytest.mark.parametrize("spoken", [(), ("4",), ("9",), ("1", "9")])
def test_whoever_sees_whom_first_all_come_to_the_same_room_or_to_those_in_which_somebody_spoke(
    spoken: tuple[str, ...],
) -> None:
    """Each order in which four machines can take their turns, each seeing what stands then."""
    ends = set()
    for order in itertools.permutations("1459"):
        standing = {name: room(name, kind="home", top=int(name in spoken)) for name in order}
        for name in order:
            if gives_way_to(standing[name], [other for key, other in standing.items() if key != name]):
                del standing[name]
        ends.add(frozenset(standing))
    assert ends == {frozenset(spoken or "1")}


@pytest.mark.parametrize(
    ("mine", "offers", "goes_to"),
    [
        (room("5", kind="home", top=1), [room("3", top=1)], "3"),
        (room("5", kind="home", top=1), [room("3", top=1), room("1", top=1), room("0")], "1"),
        (room("5", kind="home", top=1), [room("7", top=9)], None),
        (room("5", kind="home", top=1), [room("3")], None),
        (room("5", kind="home", top=1), [room("3", top=1, called="Yard")], None),
        (room("5", kind="home", top=1), [room("3", top=1, door="invite")], None),
        (room("5", kind="home", top=1, door="invite"), [room("3", top=1)], None),
        (room("5", kind="mirror", top=1), [room("3", top=1), room("5", top=1)], "3"),
        (HOME, [room("3", top=1)], None),
    ],
)
def test_which_room_joins_which_when_people_spoke_in_both(
    mine: RoomInfo, offers: list[RoomInfo], goes_to: str | None
) -> None:
    assert joins(mine, offers) == goes_to


def test_of_rooms_in_which_people_spoke_all_come_to_one() -> None:
    for ids in itertools.permutations("1234"):
        left = set(ids)
        for each in ids:
            others = [room(other, top=1) for other in left if other != each]
            if joins(room(each, kind="home", top=1), others):
                left.remove(each)
        assert left == {"1"}
