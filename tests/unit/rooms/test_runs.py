from lanchat.identity import shown
from lanchat.protocol import Rule, encode
from lanchat.protocol.codec import decode_event
from lanchat.protocol.policy import Policy, fold
from lanchat.rooms.runs import MOST_BYTES, messages, runs
from tests.support.rooms.doors import said
from tests.unit.protocol.policy.test_policy import OWNER, message


def test_events_are_cut_into_dense_runs_of_bounded_size() -> None:
    events = [message("x" * 3_900, seq, 0) for seq in range(5, 205)]
    found = list(runs(events, Policy()))
    assert len(found) > 1
    assert [frame for _, frames in found for frame in frames] == [encode(shown(event)) for event in events]
    assert all(sum(map(len, frames)) <= MOST_BYTES for _, frames in found)
    assert [event for run, _ in found for event in run] == events
    assert [len(run) for run, _ in found] == [len(frames) for _, frames in found]


def test_hidden_words_are_not_sent_to_people() -> None:
    """A mirror knows the rules of a room before it has fetched the words that they hide."""
    events = [message("a", 1, 0), message("b", 2, 0)]
    hiding = said(Rule(change="hide", person="a"), 3, OWNER)
    (told,) = messages("r1", events, fold(OWNER, [hiding]), signed=True)
    assert [decode_event(frame).body.text for frame in told["frames"]] == ["", "x"]
    assert (told["first"], told["signatures"], told["vouchers"]) == (1, ["", ""], ["", ""])
    assert "signatures" not in next(messages("r1", events, Policy(), signed=False))
