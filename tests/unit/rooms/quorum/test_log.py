from msgspec.structs import replace

from lanchat.journal import LedgerRecord, Logged, Turn
from lanchat.protocol import Quorum, VoterInfo, check_command, node_of
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.log import Log, branch
from lanchat.rooms.quorum.voters import Configuration, Voters
from tests.support.rooms.said import HERE, THERE, event, record

FIRST = wire.text_of(wire.electorate_of(Configuration.alone("me"), {}))
TWO = Configuration(Voters(("me", "you"), "you"))
NEXT = wire.text_of(wire.electorate_of(TWO, {}))
TAIL = ((4, replace(event(3), term=2)), (6, replace(event(4), term=3)))
RECORD = LedgerRecord("me", 2, "me", 1, FIRST, 3, (Turn(3, 2, 2, NEXT), Turn(5, 3, 3)), TAIL)


def test_what_is_on_the_disk_makes_the_ledger() -> None:
    ledger = Log(RECORD, 2, home=False).ledger()
    assert [ledger.of(place) for place in range(1, 8)] == [1, 1, 2, 2, 3, 3, -1]
    assert ledger.configuration == TWO


def test_places_count_turns_and_seqs_do_not() -> None:
    log = Log(RECORD, 2, home=False)
    assert [log.seq(place) for place in range(1, 7)] == [1, 2, 2, 3, 3, 4]
    assert [turn.place for turn in log.settled] == [3]
    assert not log.alone(TWO)


def test_what_waits_is_moved_in_order_and_can_be_replaced() -> None:
    log = Log(RECORD, 2, home=False)
    assert (log.waits(3), log.waits(4)) == (False, True)
    log.replace(4, [Logged(5, 4, event(4))])
    assert [turn.place for turn in log.turns] == [3]
    log.move(5)
    log.add([Logged(6, 4, event(5), direct=True), Logged(7, 4, turn=Turn(7, 4, 5))])
    assert (log.waits(6), log.waits(7), log.moved) == (False, True, 5)


def test_the_history_of_a_home_is_its_log_and_that_of_a_mirror_may_be_ahead_of_it() -> None:
    record = LedgerRecord("me", 1, "me", 1, FIRST, 2, (Turn(3, 1, 2, NEXT),))
    assert Log(record, 9, home=True).moved == 10
    assert Log(record, 9, home=False).moved == 2
    assert Log(record, 9, home=True).ledger().top == 10


def test_who_goes_on_alone_calls_all_who_may_have_gone_on_without_it() -> None:
    room = record(home=THERE)
    other, moved = VoterInfo(voter=f"x.{'0' * 16}", address="1:1"), VoterInfo(voter=f"x.{'1' * 16}", address="2:2")
    alone = branch(room, HERE.id, None, [other, moved, VoterInfo(voter=f"x.{'2' * 16}")], 7)
    assert alone.voters == [alone.tie] == [alone.members[0].voter]
    assert [node_of(member.voter) for member in alone.members] == [HERE.id, THERE.id, "x"]
    assert (alone.members[2], alone.since) == (moved, 8)
    check_command(Quorum(room="r", step="install", sender=moved.voter, to="", port=1, electorate=alone))


def test_a_branch_of_a_branch_begins_where_the_first_did() -> None:
    first = wire.text_of(branch(record(home=THERE), HERE.id, None, [], 3))
    log = Log(LedgerRecord("me", 2, "me", 2, first, 9), 9, home=False)
    assert branch(record(home=THERE), HERE.id, log, log.members(), 9).since == 4
    assert [node_of(member.voter) for member in log.members()] == [HERE.id, THERE.id]


def test_who_decided_something_decides_until_what_follows_and_may_have_gone_on_alone_behind_it() -> None:
    """A turn without a word after it takes nobody away: they had decided what stands before it."""
    me, you = (f"{node}.{'0' * 16}" for node in ("me", "you"))
    alone, two = Configuration.alone(me), Configuration(Voters((me, you), me))
    first, both = (wire.text_of(wire.electorate_of(each, {})) for each in (alone, two))
    turns = (Turn(1, 1, 0, both), Turn(3, 1, 1, first), Turn(5, 1, 2, first))
    log = Log(LedgerRecord(me, 1, me, 1, first, 5, turns), 2, home=True)
    assert [log.deciders(seq) for seq in (0, 1, 2)] == [{"me", "you"}, {"me", "you"}, {"me"}]
