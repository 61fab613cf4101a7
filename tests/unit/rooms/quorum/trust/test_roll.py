from lanchat.protocol import Electorate, Quorum, VoterInfo
from lanchat.rooms.quorum.trust import MISSING, SILENT, Roll
from lanchat.rooms.quorum.trust.roll import LOOKS

A, B, C = (f"{name}.{'0' * 16}" for name in "abc")


def heard(roll: Roll, voter: str, now: float, *, step: str = "offer", able: bool = True) -> None:
    frame = Quorum(room="r", step=step, sender=voter, to="", port=1, name="N", yes=able)  # type: ignore[arg-type]
    roll.hear(frame, f"192.0.2.{ord(voter[0])}:1", now)


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


def test_who_had_the_log_of_before_cannot_vote_in_another_before_it_has_that() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    roll.part()
    assert roll.present((), 2.0) == []
    heard(roll, A, 3.0)
    assert roll.present((), 3.0) == [A]


def test_who_is_seen_to_have_another_log_cannot_vote_before_it_has_that_of_now() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    heard(roll, B, 2.0)
    roll.lacks(A)
    roll.lacks(C)
    assert roll.present((), 3.0) == [B]


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
    assert (roll.members[A].address, roll.members[C].address) == ("192.0.2.97:1", "y:1")


def waits(_person: str, spoke: bool) -> float:
    """Who spoke waits for a minute, who did not for ten."""
    return 60.0 if spoke else 600.0


def seen(roll: Roll, voter: str, until: float, *, person: str, host: str = "192.0.2.5", steady: bool = False) -> None:
    """Hear a voter once a second from the beginning."""
    frame = Quorum(room="r", step="offer", sender=voter, to="", port=1, name="N", yes=True, steady=steady)
    for second in range(int(until) + 1):
        roll.hear(frame, f"{host}:1", float(second), person)


def test_a_stranger_votes_after_a_while_and_sooner_when_they_have_said_something() -> None:
    roll = Roll()
    seen(roll, A, 59, person="ann")
    roll.spoken.add("ann")
    assert roll.present((), 59.0, waits) == []
    assert roll.present((A,), 59.0, waits) == [A], "who votes goes on"
    seen(roll, A, 60, person="ann")
    assert roll.present((), 60.0, waits) == [A]
    seen(roll, B, 599, person="bob", host="192.0.2.6")
    assert roll.present((), 599.0, waits) == []
    seen(roll, B, 600, person="bob", host="192.0.2.6")
    assert roll.present((), 600.0, waits) == [B], "the other one is silent by now"


def test_one_address_has_one_voter_but_on_this_machine() -> None:
    roll = Roll()
    for voter, host in ((A, "192.0.2.5"), (B, "192.0.2.5"), (C, "192.0.2.6")):
        seen(roll, voter, 1, person=voter, host=host)
    assert roll.present((), 1.0) == [A, C]
    assert roll.present((B,), 1.0) == [B, C]
    here = Roll()
    for voter in (A, B, C):
        seen(here, voter, 1, person=voter, host="127.0.0.1")
    assert here.present((), 1.0) == [A, B, C]


def test_machines_that_stay_come_first() -> None:
    roll = Roll()
    seen(roll, A, 2, person="ann")
    seen(roll, B, 2, person="bob", host="192.0.2.6", steady=True)
    assert roll.present((), 2.0) == [B, A]


def test_who_is_expelled_is_heard_no_more_under_any_id() -> None:
    roll = Roll()
    seen(roll, A, 1, person="ann")
    assert roll.expel("ann")
    assert not roll.expel("ann")
    assert roll.present((A,), 1.0) == []
    again = Quorum(room="r", step="offer", sender=f"a.{'1' * 16}", to="", port=1, name="N", yes=True)
    assert not roll.hear(again, "192.0.2.5:1", 2.0, "ann")
    assert roll.expel(B)
    assert not roll.hear(Quorum(room="r", step="offer", sender=B, to="", port=1), "192.0.2.6:1", 2.0, "bob")


def test_what_somebody_said_is_looked_for_now_and_then_until_it_is_found() -> None:
    roll = Roll()
    seen(roll, A, 0, person="ann")
    assert [roll.to_read(A), roll.to_read(A)] == ["ann", ""]
    seen(roll, A, LOOKS, person="ann")
    assert roll.to_read(A) == "ann"
    roll.spoken.add("ann")
    seen(roll, A, 3 * LOOKS, person="ann")
    assert roll.to_read(A) == ""


def test_ids_that_come_and_go_leave_nothing_behind() -> None:
    roll = Roll()
    for number in range(50):
        heard(roll, f"a.{number:016x}", 1.0)
    assert len(roll.members) == 1


def test_who_was_heard_in_the_last_seconds_is_known_as_such() -> None:
    roll = Roll()
    heard(roll, A, 1.0)
    assert [roll.lately(A, now) for now in (1.0, 0.9 + MISSING, 1.0 + MISSING)] == [True, True, False]
    assert not roll.lately(B, 1.0)
