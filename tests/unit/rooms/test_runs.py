from lanchat.protocol import encode
from lanchat.rooms.runs import MOST_BYTES, runs
from tests.unit.rooms.door.test_policy import message


def test_events_are_cut_into_dense_runs_of_bounded_size() -> None:
    events = [message("x" * 3_900, seq, 0) for seq in range(5, 205)]
    found = list(runs(events))
    assert len(found) > 1
    assert [frame for _, frames in found for frame in frames] == [encode(event) for event in events]
    assert all(sum(map(len, frames)) <= MOST_BYTES for _, frames in found)
    assert [event for run, _ in found for event in run] == events
    assert [len(run) for run, _ in found] == [len(frames) for _, frames in found]
