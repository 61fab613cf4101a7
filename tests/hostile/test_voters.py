"""Somebody with a node of their own, in an open room: may it become home, and what if it lies as a voter?"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from lanchat.config import Config
from lanchat.identity import Seal
from lanchat.limits import Limits
from lanchat.protocol import Done, Error, LogEntry, Quorum, VoterInfo, ballot_of
from lanchat.rooms import Room
from lanchat.web.server import Server
from tests.support.certificates import certified
from tests.support.clients import ELSEWHERE, LinkEnd, link, serving
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL, SEAL
from tests.support.rooms.said import draft

EVIL = certified("evil")
AT_ONCE = Limits(vote_after=0.001, vote_after_silence=0.001)


def voter(node: str) -> str:
    return f"{node}.{'0' * 16}"


class Place(NamedTuple):
    """A room of a home, and the ends of two links: of somebody who means well, and of somebody who does not."""

    server: Server
    room: Room
    honest: LinkEnd
    evil: LinkEnd

    def step(self, step: str, node: str = EVIL.id, **fields: Any) -> Quorum:
        frame = Quorum(room=self.room.id, step="offer", sender=voter(node), to="", port=9)
        return replace(frame, step=step, **fields)

    def signed(self, step: Quorum, seal: Seal) -> Quorum:
        cast = ballot_of(step, seal.id)
        assert cast is not None
        return replace(step, signature=seal.vote(self.room.id, cast))


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
async def place(config: Config, limits: Limits) -> AsyncIterator[Place]:
    async with (
        serving(replace(config, limits=limits)) as server,
        link(server, ELSEWHERE, "hall", OTHER_SEAL) as honest,
        link(server, EVIL, "hall", SEAL) as evil,
    ):
        room = await server.node.rooms.open("hall")
        await room.post(server.node.owner.seal.said(draft("hello", room=room.id, author=server.node.me)))
        yield Place(server, room, honest, evil)


async def offer(place: Place, *nodes: str) -> set[str]:
    """Let nodes offer, and have everything that the home has; gives who votes."""
    ends, seat = {ELSEWHERE.id: place.honest, EVIL.id: place.evil}, place.room.seat
    assert seat is not None
    for node in nodes:
        await ends[node].ask(place.step("offer", node, yes=True), Done)
        if (now := seat.voter) is not None:
            has = place.step("appended", node, to=seat.me, term=now.ballot.term, place=now.ledger.top, yes=True)
            await ends[node].ask(has, Done)
    return set(seat.voters)


async def test_a_stranger_who_offers_votes_only_once_they_were_there_for_a_while(place: Place) -> None:
    seat = place.room.seat
    assert seat is not None
    for _ in range(20):
        await place.evil.ask(place.step("offer", yes=True), Done)
        seat.tick()
    await eventually(lambda: seat.voter is not None, what="somebody could vote")
    for _ in range(20):
        seat.tick()
        await place.evil.ask(place.step("offer", yes=True), Done)
    assert seat.voters == (seat.me,)


ALONE = VoterInfo(voter=voter(EVIL.id))
CLAIMS: dict[str, dict[str, Any]] = {
    "says that it is home in a later term": {"step": "append", "term": 9},
    "says that it went on alone": {"step": "lead", "term": 9, "place": 1, "home": ALONE},
    "says that somebody else did": {"step": "lead", "term": 9, "place": 1, "home": VoterInfo(voter=voter("x"))},
    "asks to be elected, as if handed to": {"step": "ask", "term": 9, "yes": True},
    "says that the log is another": {"step": "install", "term": 9, "acknowledged": 1},
    "names a term far in the future": {"step": "append", "term": 2**53},
    "votes for us": {"step": "vote", "term": 1, "yes": True},
    "hands over to us": {"step": "hand_over", "term": 1},
    "shows votes of others": {"step": "ballots"},
}


@pytest.mark.parametrize("claim", CLAIMS)
async def test_what_a_stranger_claims_changes_nothing(place: Place, claim: str) -> None:
    seat, room = place.room.seat, place.room
    assert seat is not None
    await place.honest.ask(place.step("offer", ELSEWHERE.id), Done)
    await eventually(lambda: seat.voter is not None and seat.voter.home == seat.me, what="the home has a log")
    assert seat.voter is not None
    before = (seat.voter.ballot, room.record, seat.voters, room.top)
    step = place.step(to=seat.me, **CLAIMS[claim])
    await place.evil.ask(place.signed(step, SEAL) if ballot_of(step, SEAL.id) else step, Done)
    seat.tick()
    assert (seat.voter.ballot, room.record, seat.voters, room.top) == before
    kept = await room.post(place.server.node.owner.seal.said(draft("more", room=room.id, author=place.server.node.me)))
    assert kept is not None
    assert kept.event.seq == 2


@pytest.mark.parametrize("limits", [AT_ONCE], ids=[""])
async def test_a_voter_that_votes_twice_is_caught_and_votes_no_more(place: Place, limits: Limits) -> None:
    del limits
    seat = place.room.seat
    assert seat is not None
    everybody = {seat.me, voter(EVIL.id), voter(ELSEWHERE.id)}

    async def all_vote() -> bool:
        return await offer(place, ELSEWHERE.id, EVIL.id) == everybody

    await eventually(all_vote, what="all vote")  # type: ignore[arg-type]
    first = place.signed(place.step("vote", term=7, yes=True, to=seat.me), SEAL)
    await place.evil.ask(first, Done)
    second = ballot_of(place.signed(place.step("vote", term=7, yes=True, to=voter(ELSEWHERE.id)), SEAL), SEAL.id)
    assert second is not None
    second = replace(second, signature=SEAL.vote(place.room.id, second))
    await place.honest.ask(place.step("ballots", ELSEWHERE.id, ballots=[second]), Done)

    async def gone() -> bool:
        return await offer(place, ELSEWHERE.id, EVIL.id) == everybody - {voter(EVIL.id)}

    await eventually(gone, what="it votes no more")  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [AT_ONCE], ids=[""])
async def test_a_voter_whose_log_cannot_be_votes_no_more(place: Place, limits: Limits) -> None:
    del limits
    seat = place.room.seat
    assert seat is not None

    async def votes() -> bool:
        return await offer(place, EVIL.id) == {seat.me, voter(EVIL.id)}

    await eventually(votes, what="it votes")  # type: ignore[arg-type]
    assert seat.voter is not None
    lie = place.step("append", to=seat.me, term=seat.voter.ballot.term, place=1, of=0, entries=[LogEntry(term=0)])
    await place.evil.ask(lie, Done)

    async def gone() -> bool:
        return await offer(place, EVIL.id) == {seat.me}

    await eventually(gone, what="it votes no more")  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [AT_ONCE], ids=[""])
async def test_a_member_who_went_on_alone_in_a_far_term_uses_none_up(place: Place, limits: Limits) -> None:
    del limits
    seat, room = place.room.seat, place.room
    assert seat is not None

    async def believed() -> bool:
        await place.evil.ask(place.step("offer"), Done)
        return await offer(place, ELSEWHERE.id) == {seat.me, voter(ELSEWHERE.id)}

    await eventually(believed, what="they have been there for long enough")  # type: ignore[arg-type]
    term, lead = room.term, place.step("lead", place=1, home=ALONE, to=seat.me)
    for claimed in (2**53, term + 5):
        await place.evil.ask(replace(lead, term=claimed), Done)
    await eventually(lambda: room.kind == "mirror", what="a term that is not far is believed")
    assert room.term == term + 5


async def test_a_vote_that_is_not_signed_by_its_person_is_refused(place: Place) -> None:
    for seal in (OTHER_SEAL, None):
        vote = place.step("vote", term=3, yes=True, to=voter(ELSEWHERE.id))
        if seal is not None:
            vote = place.signed(vote, seal)
        assert (await place.evil.ask(vote, Error)).code == "invalid_signature"
