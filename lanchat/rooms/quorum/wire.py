"""What voters say to each other as frames of the protocol, and what decides as the journal keeps it. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from lanchat.errors import InvalidFrame
from lanchat.journal import Logged, Turn
from lanchat.protocol import Electorate, LogEntry, Quorum, VoterInfo
from lanchat.rooms.quorum.messages import Append, Appended, Ask, Entry, HandOver, Message, Vote
from lanchat.rooms.quorum.voters import Configuration, Voters

_electorates = msgspec.json.Decoder(Electorate)


def electorate_of(configuration: Configuration, members: Mapping[str, VoterInfo]) -> Electorate:
    """Return who decides as others are told it, with what is known of them."""
    joint = configuration.joint
    return Electorate(
        voters=list(configuration.voters.members),
        tie=configuration.voters.tie,
        joint=list(joint.members) if joint else [],
        joint_tie=joint.tie if joint else "",
        members=[members.get(voter, VoterInfo(voter=voter)) for voter in configuration.members],
    )


def configuration_of(electorate: Electorate) -> Configuration:
    """Return who decides, of what others say."""
    joint = Voters(tuple(electorate.joint), electorate.joint_tie) if electorate.joint else None
    return Configuration(Voters(tuple(electorate.voters), electorate.tie), joint)


def text_of(electorate: Electorate | None) -> str:
    """Return who decides as the journal keeps it; empty where that stays."""
    return msgspec.json.encode(electorate).decode() if electorate is not None else ""


def read_electorate(text: str) -> Electorate | None:
    """Return who decides, of what the journal keeps; None where that stays."""
    return _electorates.decode(text) if text else None


def entry_of(place: int, said: LogEntry) -> Entry:
    """Return an entry as a voter takes it; everything else of it is its `event`."""
    configuration = configuration_of(said.electorate) if said.electorate is not None else None
    return Entry(place, said.term, configuration, said)


def said_of(logged: Logged, term: int = 0) -> LogEntry:
    """Return an entry of the journal's as others are told it: in a term, which is the later one before there was a log.

    Args:
        logged: the entry.
        term: that of its place; by default its own.
    """
    turn = logged.turn
    electorate = read_electorate(turn.voters) if turn is not None else None
    return LogEntry(term=term or logged.term, event=logged.event, electorate=electorate)


def numbered(logged: Logged) -> Entry:
    """Return what this node has numbered as its voter takes it."""
    return entry_of(logged.place, said_of(logged))


def to_keep(entries: Sequence[Entry], seq: int) -> list[Logged]:
    """Return entries of a home as the journal keeps them.

    Args:
        entries: a dense run.
        seq: of the last event below them.

    Raises:
        InvalidFrame: an event has another seq than the next one.
    """
    kept = []
    for entry in entries:
        said = entry.event
        assert isinstance(said, LogEntry)  # noqa: S101 - `entry_of` makes no others
        if said.event is None:
            turn = Turn(entry.seq, entry.term, seq, text_of(said.electorate))
            kept.append(Logged(entry.seq, entry.term, turn=turn))
            continue
        seq += 1
        if said.event.seq != seq or said.event.term > entry.term:
            raise InvalidFrame(f"The home sent event {said.event.seq} where {seq} belongs.")
        kept.append(Logged(entry.seq, entry.term, said.event))
    return kept


def frame_of(room: str, sender: str, to: str, message: Message, entries: Sequence[LogEntry] = ()) -> Quorum:
    """Return a message of a voter as a frame; where it goes out from is put in later."""
    frame = Quorum(room=room, step="ask", sender=sender, to=to, port=1, term=message.term)
    put = msgspec.structs.replace
    match message:
        case Ask(seq=seq, of=of, trial=trial, handed=handed):
            return put(frame, place=seq, of=of, trial=trial, yes=handed)
        case Vote(granted=granted, trial=trial):
            return put(frame, step="vote", yes=granted, trial=trial)
        case Append(after=after, of=of, acknowledged=acknowledged):
            return put(frame, step="append", place=after, of=of, acknowledged=acknowledged, entries=list(entries))
        case Appended(seq=seq, taken=taken):
            return put(frame, step="appended", place=seq, yes=taken)
        case HandOver():
            return put(frame, step="hand_over")


def message_of(frame: Quorum) -> Message | None:
    """Return the message of a voter that a frame carries; None when it carries another step."""
    match frame.step:
        case "ask":
            return Ask(frame.term, frame.place, frame.of, frame.trial, frame.yes)
        case "vote":
            return Vote(frame.term, frame.yes, frame.trial)
        case "append":
            entries = tuple(entry_of(place, said) for place, said in enumerate(frame.entries, frame.place + 1))
            return Append(frame.term, frame.place, frame.of, entries, frame.acknowledged)
        case "appended":
            return Appended(frame.term, frame.place, frame.yes)
        case "hand_over":
            return HandOver(frame.term)
        case _:
            return None
