"""What the voters of a room say to each other over links: who numbers it, and what is kept by enough of them."""

import re
from typing import Literal

from lanchat.errors import InvalidFrame
from lanchat.protocol.limits import MAX_ADDRESS
from lanchat.protocol.parts import CommandFrame, NodeInfo, Part
from lanchat.protocol.replies import Event

MOST_VOTERS = 5
"""Most voters of a room in one set: a sixth makes nothing safer for a chat, and costs each post one disk more."""
MOST_BALLOTS = 16
"""Most votes in one frame."""
MOST_ENTRIES = 500
"""Most entries in one frame."""
MOST_TURNS = 2_000
"""Most turns of a log that can be told; a frame of them fits into MAX_FRAME."""
_HIGHEST = 2**53
_HIGHEST_PORT = 65_535
_MAX_NAME = 64
_MAX_SIGNATURE = 86
_voter = re.compile(r"[0-9A-Za-z_-]{1,64}\.[0-9a-f]{16}")


class VoterInfo(Part, frozen=True):
    """One voter: its id, which is its node's, a dot, and what its disk is known by; its node's name and address."""

    voter: str
    name: str = ""
    address: str = ""


class Electorate(Part, frozen=True):
    """Who decides: more than half of `voters`, or exactly half with `tie` among them; and of `joint` as well.

    `joint` is the set that follows, while one gives way to the other. `since` is the seq of the first event that
    was said by people who went on without the others; 0 where nobody did.
    """

    voters: list[str]
    tie: str
    joint: list[str] = []
    joint_tie: str = ""
    members: list[VoterInfo] = []
    since: int = 0


class SignedVote(Part, frozen=True):
    """One vote: that the voter, a node of this person, is for a candidate in a term; signed by the person."""

    term: int
    voter: str
    candidate: str
    person: str
    signature: str


class LogEntry(Part, frozen=True):
    """One entry of a room's log: an `event`, or a turn, which nobody is shown: a new `electorate`, or a new home."""

    term: int
    event: Event | None = None
    electorate: Electorate | None = None


class Quorum(CommandFrame, frozen=True, tag="quorum"):
    """One step between two voters of a room, or from a node that could be one. For links only.

    `ask` and `vote`, `append` and `appended`, and `hand_over` are those of Raft. `offer`: this node could be a voter.
    `install`: this is the room's log, without its events. `seek` and `lead`: who numbers the room? `ballots`: so it was
    voted.
    """

    room: str
    step: Literal["ask", "vote", "append", "appended", "hand_over", "offer", "install", "seek", "lead", "ballots"]
    sender: str
    to: str
    port: int
    name: str = ""
    term: int = 0
    place: int = 0
    of: int = 0
    yes: bool = False
    trial: bool = False
    acknowledged: int = 0
    entries: list[LogEntry] = []
    electorate: Electorate | None = None
    home: VoterInfo | None = None
    turns: list[tuple[int, int, int, Electorate | None]] = []
    steady: bool = False
    signature: str = ""
    ballots: list[SignedVote] = []


def node_of(voter: str) -> str:
    """Return the id of the node of a voter."""
    return voter.rpartition(".")[0]


def check_quorum(command: Quorum) -> None:
    """Check what the types do not say. Raises InvalidFrame."""
    for voter in (command.sender, command.to):
        if voter and not _voter.fullmatch(voter):
            raise InvalidFrame("quorum: a voter is named by its node's id, a dot and 16 hexadecimal digits.")
    if not command.sender or not 0 < command.port <= _HIGHEST_PORT:
        raise InvalidFrame("quorum: whoever sends it says its id and its port.")
    for number in (command.term, command.place, command.of, command.acknowledged):
        if not 0 <= number <= _HIGHEST:
            raise InvalidFrame(f"quorum: terms and places are 0 to {_HIGHEST}.")
    if len(command.entries) > MOST_ENTRIES or len(command.turns) > MOST_TURNS:
        raise InvalidFrame(f"quorum: it has at most {MOST_ENTRIES} entries, and {MOST_TURNS} turns.")
    for electorate in (
        command.electorate,
        *(entry.electorate for entry in command.entries),
        *(turn[3] for turn in command.turns),
    ):
        if electorate is not None:
            _check_electorate(electorate)
    if command.home is not None:
        _check_member(command.home)
    _check_ballots(command.ballots)


def ballot_of(command: Quorum, person: str) -> SignedVote | None:
    """Return the vote that a step is, of a node of this person: `vote`, or `ask`, which is one for oneself."""
    if command.trial or not (command.step == "ask" or (command.step == "vote" and command.yes)):
        return None
    candidate = command.sender if command.step == "ask" else command.to
    return SignedVote(
        term=command.term, voter=command.sender, candidate=candidate, person=person, signature=command.signature
    )


def _check_ballots(ballots: list[SignedVote]) -> None:
    if len(ballots) > MOST_BALLOTS:
        raise InvalidFrame(f"quorum: it has at most {MOST_BALLOTS} votes.")
    for ballot in ballots:
        if not (_voter.fullmatch(ballot.voter) and _voter.fullmatch(ballot.candidate) and 0 < ballot.term <= _HIGHEST):
            raise InvalidFrame("quorum: a vote is of a voter for a voter in a term.")
        if max(len(ballot.person), len(ballot.signature)) > _MAX_SIGNATURE:
            raise InvalidFrame("quorum: a vote is signed by a person.")


def _check_electorate(electorate: Electorate) -> None:
    sets = [(electorate.voters, electorate.tie)]
    if electorate.joint:
        sets.append((electorate.joint, electorate.joint_tie))
    for voters, tie in sets:
        if not 1 <= len(voters) <= MOST_VOTERS or len(set(voters)) < len(voters) or tie not in voters:
            raise InvalidFrame(f"quorum: 1 to {MOST_VOTERS} voters, each once, and the tie-breaker is one of them.")
        if not all(map(_voter.fullmatch, voters)):
            raise InvalidFrame("quorum: a voter is named by its node's id, a dot and 16 hexadecimal digits.")
    if len(electorate.members) > 2 * MOST_VOTERS:
        raise InvalidFrame("quorum: members are the voters.")
    if not 0 <= electorate.since <= _HIGHEST:
        raise InvalidFrame("quorum: since is a seq.")
    for member in electorate.members:
        _check_member(member)


def _check_member(member: VoterInfo) -> None:
    if not _voter.fullmatch(member.voter) or len(member.address) > MAX_ADDRESS or len(member.name) > _MAX_NAME:
        raise InvalidFrame("quorum: a member is a voter with the name and the address of its node.")


def lead_node(member: VoterInfo) -> NodeInfo:
    """Return the node of a member."""
    return NodeInfo(id=node_of(member.voter), name=member.name or node_of(member.voter)[:8])
