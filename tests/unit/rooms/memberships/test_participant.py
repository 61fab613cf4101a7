from lanchat.journal import MembershipRecord
from lanchat.protocol import Memberships
from lanchat.rooms.memberships.participant import Participant
from lanchat.rooms.memberships.tally import Tally
from tests.support.rooms.said import ADA
from tests.support.sessions import Recorder


def heard(client: Recorder) -> list[Memberships]:
    assert all(isinstance(frame, Memberships) for frame in client.heard)
    return [frame for frame in client.heard if isinstance(frame, Memberships)]


def test_ten_thousand_rooms_are_told_in_pieces_that_each_fit_a_frame() -> None:
    someone, client = Participant(ADA), Recorder()
    rooms = [f"{number:032}" for number in range(10_000)]
    someone.rooms = {room: Tally(MembershipRecord(ADA.id, room, 2**40, 2**40, "mentions", True, 9)) for room in rooms}
    someone.tell_all([client])
    assert [frame.whole for frame in heard(client)] == [True] + [False] * 19
    assert [membership.room for frame in heard(client) for membership in frame.rooms] == rooms


def test_who_is_in_no_room_is_told_that() -> None:
    someone, client = Participant(ADA), Recorder()
    someone.tell_all([client])
    assert heard(client) == [Memberships(whole=True)]


def test_every_client_hears_of_what_is_gone() -> None:
    someone, first, second = Participant(ADA), Recorder(), Recorder()
    someone.clients = [first, second]
    someone.tell([], {"b", "a"})
    assert heard(first) == heard(second) == [Memberships(gone=["a", "b"])]
