from lanchat.limits import Traces
from lanchat.limits.traces import MOST_ADDRESSES, MOST_OF_EACH


class Told:
    def __init__(self) -> None:
        self.now = 1000.0
        self.addresses: list[str] = []
        self.traces = Traces(lambda: self.now)
        self.traces.on_cut_off = self.addresses.append


def test_what_was_done_is_counted_for_each_address() -> None:
    told = Told()
    told.traces.note("10.0.0.1", "refused")
    told.now += 5
    told.traces.note("10.0.0.1", "refused")
    told.traces.note("10.0.0.2", "turned_away")
    trace = told.traces.of("10.0.0.1")
    assert trace is not None
    assert (trace.refused, trace.cut_off, trace.since, trace.last) == (2, 0, 1_000_000, 1_005_000)
    assert list(told.traces.all()) == ["10.0.0.1", "10.0.0.2"]


def test_the_first_time_that_an_address_is_cut_off_is_told() -> None:
    told = Told()
    for _ in range(3):
        told.traces.note("10.0.0.1", "cut_off")
    told.traces.note("10.0.0.2", "cut_off")
    assert told.addresses == ["10.0.0.1", "10.0.0.2"]


def test_people_and_rooms_are_known_with_the_time_of_the_first_sight() -> None:
    told = Told()
    told.traces.spoke("10.0.0.1", "ada")
    told.now += 1
    told.traces.spoke("10.0.0.1", "ada")
    told.traces.made("10.0.0.1", "room")
    trace = told.traces.of("10.0.0.1")
    assert trace is not None
    assert (dict(trace.people), dict(trace.rooms)) == ({"ada": 1_000_000}, {"room": 1_001_000})


def test_of_the_owner_nothing_is_noted() -> None:
    told = Told()
    told.traces.note("", "cut_off")
    told.traces.spoke("", "owner")
    told.traces.made("", "room")
    assert (told.traces.all(), told.addresses) == ({}, [])


def test_many_fill_no_memory() -> None:
    told = Told()
    for number in range(2 * MOST_ADDRESSES):
        told.traces.note(f"fe80::{number}", "refused")
        told.traces.spoke("10.0.0.1", f"person {number}")
        told.traces.made("10.0.0.1", f"room {number}")
    assert len(told.traces.all()) == MOST_ADDRESSES
    trace = told.traces.of("10.0.0.1")
    assert trace is not None
    assert len(trace.people) == len(trace.rooms) == MOST_OF_EACH
    assert f"person {2 * MOST_ADDRESSES - 1}" in trace.people
