import msgspec
import pytest

from lanchat.errors import InvalidFrame
from lanchat.protocol import Electorate, LogEntry, NodeInfo, Quorum, VoterInfo, check_command, lead_node, node_of

ME, YOU = "a.0123456789abcdef", "b.0123456789abcdef"
SOUND = Quorum(room="r1", step="append", sender=ME, to=YOU, port=28_280)


def test_a_voter_is_its_node_and_what_its_log_is_known_by() -> None:
    assert node_of(ME) == "a"
    assert lead_node(VoterInfo(voter=ME, name="Desk")) == NodeInfo(id="a", name="Desk")
    assert lead_node(VoterInfo(voter=ME)).name


def test_a_sound_frame_is_taken() -> None:
    electorate = Electorate(voters=[ME, YOU], tie=ME, joint=[YOU], joint_tie=YOU, members=[VoterInfo(voter=ME)])
    check_command(msgspec.structs.replace(SOUND, electorate=electorate, entries=[LogEntry(term=1)] * 500))


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": ""},
        {"sender": "nobody"},
        {"to": "b"},
        {"port": 0},
        {"port": 65_536},
        {"term": -1},
        {"place": 2**54},
        {"entries": [LogEntry(term=1)] * 501},
        {"home": VoterInfo(voter="b")},
        {"home": VoterInfo(voter=YOU, address="x" * 300)},
        {"electorate": Electorate(voters=[], tie=ME)},
        {"electorate": Electorate(voters=[ME, ME], tie=ME)},
        {"electorate": Electorate(voters=[ME], tie=YOU)},
        {"electorate": Electorate(voters=["x"], tie="x")},
        {"electorate": Electorate(voters=[ME], tie=ME, joint=[YOU], joint_tie=ME)},
        {"electorate": Electorate(voters=[ME], tie=ME, members=[VoterInfo(voter=ME)] * 11)},
        {"electorate": Electorate(voters=[f"{n}.0123456789abcdef" for n in range(6)], tie="0.0123456789abcdef")},
        {"entries": [LogEntry(term=1, electorate=Electorate(voters=[ME], tie=YOU))]},
        {"turns": [(1, 1, 1, Electorate(voters=[ME], tie=YOU))]},
    ],
    ids=str,
)
def test_what_no_voter_says_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidFrame, match="quorum"):
        check_command(msgspec.structs.replace(SOUND, **wrong))
