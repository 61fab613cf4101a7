import pytest
from msgspec.structs import replace

from lanchat.errors import InvalidFrame
from lanchat.journal import Logged, Turn
from lanchat.protocol import Event, LogEntry, VoterInfo
from lanchat.rooms.quorum import wire
from lanchat.rooms.quorum.messages import Append, Appended, Ask, Entry, HandOver, Message, Vote
from lanchat.rooms.quorum.voters import Configuration, Voters
from tests.support.rooms.said import event

JOINT = Configuration(Voters(("a", "b"), "a"), Voters(("b", "c"), "c"))


@pytest.mark.parametrize(
    "message",
    [
        Ask(3, 4, 2, trial=True),
        Ask(3, 4, 2, handed=True),
        Vote(3, granted=True, trial=True),
        Appended(3, 7, taken=True),
        HandOver(3),
        Append(3, 7, 2, (), 6),
    ],
    ids=str,
)
def test_a_message_is_the_same_behind_the_wire(message: Message) -> None:
    assert wire.message_of(wire.frame_of("r1", "a", "b", message)) == message


def test_entries_go_along_with_their_places() -> None:
    said = [LogEntry(term=2, event=event(5)), LogEntry(term=3)]
    message = wire.message_of(wire.frame_of("r1", "a", "b", Append(3, 7, 2), said))
    assert isinstance(message, Append)
    assert [(entry.seq, entry.term, entry.event) for entry in message.entries] == [(8, 2, said[0]), (9, 3, said[1])]


def test_other_steps_carry_no_message() -> None:
    frame = wire.frame_of("r1", "a", "b", HandOver(1))
    assert wire.message_of(type(frame)(room="r1", step="seek", sender="a", to="b", port=1)) is None


@pytest.mark.parametrize("configuration", [JOINT, Configuration.alone("a")], ids=["joint", "alone"])
def test_who_decides_is_the_same_behind_wire_and_journal(configuration: Configuration) -> None:
    electorate = wire.electorate_of(configuration, {"a": VoterInfo(voter="a", address="192.0.2.5:1")})
    assert electorate.members[0].address == "192.0.2.5:1"
    again = wire.read_electorate(wire.text_of(electorate))
    assert again is not None
    assert wire.configuration_of(again) == configuration
    assert wire.read_electorate(wire.text_of(None)) is None


def test_entries_are_kept_with_their_seqs_and_told_again() -> None:
    electorate = wire.electorate_of(JOINT, {})
    entries = [
        wire.entry_of(4, LogEntry(term=1, event=event(3))),
        wire.entry_of(5, LogEntry(term=1, electorate=electorate)),
        wire.entry_of(6, LogEntry(term=1, event=event(4))),
    ]
    kept = wire.to_keep(entries, 2)
    assert kept == [
        Logged(4, 1, event(3)),
        Logged(5, 1, turn=Turn(5, 1, 3, wire.text_of(electorate))),
        Logged(6, 1, event(4)),
    ]
    assert [wire.numbered(entry) for entry in kept] == entries
    assert entries[1].configuration == JOINT


@pytest.mark.parametrize("wrong", [event(4), replace(event(3), term=2)], ids=["of another place", "of a later term"])
def test_an_event_with_another_number_is_refused(wrong: Event) -> None:
    with pytest.raises(InvalidFrame, match="where 3 belongs"):
        wire.to_keep([Entry(4, 1, None, LogEntry(term=1, event=wrong))], 2)
