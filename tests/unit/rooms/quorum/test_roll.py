from lanchat.protocol import Electorate, Quorum, VoterInfo
from lanchat.rooms.quorum.roll import MISSING, SILENT, Roll

A, B, C = (f"{name}.{'0' * 16}" for name in "abc")


def heard(roll: Roll, voter: str, now: float, *, step: str = "offer", able: bool = True) -> None:
    frame = Quorum(room="r", step=step, sender=voter, to="", port=1, name="N", yes=able)  # type: ignore[arg-type]
    roll.hear(frame, "192.0.2.5:1", now)


def test_who_was_there_longest_comes_first_and_who_is_silent_is_not_there() -> None:
    roll = Roll()
    heard(roll, B, 1.0)
    heard(roll, A, 2.0)
    heard(roll, B, 3.0)
    assert roll.present((), 4.0) == [B, A]
    assert roll.present((), 2.5 + SILENT) == [B]
    heard(roll, A, 3.5 + SILENT)
    assert roll.present((), 3.6 + SILENT) == [A]


def test_who_has_not_the_log_cannot_vote_unless_it_does() -> None:
    roll = Roll()
    heard(roll, A, 1.0, able=False)
    assert (roll.present((), 2.0), roll.present((A,), 2.0)) == ([], [A])


def test_of_one_node_the_last_id_counts() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    heard(roll, f"a.{'1' * 16}", 2.0)
    assert roll.present((), 3.0) == [f"a.{'1' * 16}"]


def test_where_somebody_was_heard_counts_more_than_what_others_say() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    roll.learn(
        Electorate(voters=[A, C], tie=A, members=[VoterInfo(voter=A, address="x:1"), VoterInfo(voter=C, address="y:1")])
    )
    assert (roll.members[A].address, roll.members[C].address) == ("192.0.2.5:1", "y:1")


def test_who_was_heard_in_the_last_seconds_is_known_as_such() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    assert [roll.lately(A, now) for now in (1.0, 0.9 + MISSING, 1.0 + MISSING)] == [True, True, False]
    assert not roll.lately(B, 1.0)
