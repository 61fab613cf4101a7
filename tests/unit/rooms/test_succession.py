"""Who numbers a room, and which of two rooms goes."""

import msgspec
import pytest

from lanchat.journal import RoomRecord
from lanchat.protocol import Mark, NodeInfo, RoomInfo
from lanchat.rooms import succession
from lanchat.rooms.succession import Claim
from tests.support.rooms.said import ELSEWHERE, HERE, THERE, record


class Standing(msgspec.Struct):
    """A room as it stands."""

    record: RoomRecord
    info: RoomInfo


def standing(
    room: str = "5", *, kind: str = "home", top: int = 0, opened_itself: bool = True, online: bool = True
) -> Standing:
    kept = record(room, "Hall", HERE if kind == "home" else THERE, opened_itself=opened_itself)
    return Standing(kept, info(room, kind=kind, top=top, online=online, node=kept.home))


def info(room: str, *, kind: str = "found", top: int = 0, online: bool = True, node: NodeInfo = THERE) -> RoomInfo:
    fields = {"id": room, "name": "Hall", "node": node, "kind": kind, "members": 1, "top": top, "online": online}
    return msgspec.convert(msgspec.to_builtins(fields), RoomInfo)


def test_the_home_is_the_node_that_the_record_names() -> None:
    assert succession.is_home(record(home=HERE), HERE)
    assert not succession.is_home(record(home=THERE), HERE)


@pytest.mark.parametrize(
    ("home", "term", "claim"),
    [
        (THERE, 3, Claim.FOLLOW),
        (THERE, 4, Claim.FOLLOW),
        (THERE, 2, Claim.REFUSE),
        (ELSEWHERE, 3, Claim.REFUSE),
        (ELSEWHERE, 9, Claim.REFUSE),
    ],
)
def test_a_mirror_takes_a_higher_term_from_its_home_and_never_a_lower_one(
    home: NodeInfo, term: int, claim: Claim
) -> None:
    known = msgspec.structs.replace(record(home=THERE), term=3)
    assert succession.judge(known, home, term) is claim


@pytest.mark.parametrize(
    ("room", "may"),
    [
        (standing(), True),
        (standing(top=1), False),
        (standing(opened_itself=False), False),
        (standing(kind="mirror", online=False), True),
        (standing(kind="mirror", online=False, top=1), False),
        (standing(kind="mirror", online=True), False),
    ],
)
def test_only_a_silent_room_that_nobody_asked_for_may_yield(room: Standing, may: bool) -> None:
    assert succession.may_yield(room) is may


@pytest.mark.parametrize(
    ("room", "found", "rival"),
    [
        (standing(), [], None),
        (standing(), [info("3")], "3"),
        (standing(), [info("7")], None),
        (standing(), [info("7", top=1)], "7"),
        (standing(), [info("3"), info("7", top=1)], "7"),
        (standing(), [info("3"), info("1")], "1"),
        (standing(), [info("5"), info("3")], None),
        (standing(top=1), [info("3", top=1)], None),
        (standing(kind="mirror", online=False), [info("7")], "7"),
        (standing(kind="mirror", online=True), [info("3")], None),
        (standing(), [msgspec.structs.replace(info("3"), name="Yard")], None),
    ],
)
def test_which_room_gives_way_to_which(room: Standing, found: list[RoomInfo], rival: str | None) -> None:
    assert succession.gives_way_to(room, found) == rival


def test_of_two_silent_rooms_exactly_one_goes_whatever_the_order() -> None:
    one, two = standing("3"), standing("7")
    assert succession.gives_way_to(one, [info("7")]) is None
    assert succession.gives_way_to(two, [info("3")]) == "3"


@pytest.mark.parametrize(
    ("stands", "oldest", "same"),
    [
        (Mark(nonce="n", at=1), 1, True),
        (Mark(nonce="n", at=2), 1, False),
        (Mark(nonce="m", at=1), 1, False),
        (None, 1, False),
        (None, 8, True),
    ],
)
def test_a_history_is_known_again_by_the_mark_of_its_last_event(stands: Mark | None, oldest: int, same: bool) -> None:
    assert succession.is_same_history(Mark(nonce="n", at=1), 7, stands, oldest) is same
