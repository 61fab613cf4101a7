"""Which rooms of others are listed: those that nodes which answer have, of each address its fair part. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from lanchat.lan.discovery.peers import Peers
from lanchat.lan.discovery.probe import Answer, AnsweredRoom
from lanchat.lan.discovery.records import Endpoint, FoundRoom, nearby

MAX_LISTED = 600
"""Most rooms of others that are listed. A node has few that are announced, and tells of the rest when it is asked."""

_Offer = tuple[FoundRoom, Answer, AnsweredRoom]


def listed(hints: Iterable[FoundRoom], peers: Peers, before: Mapping[str, FoundRoom]) -> dict[str, FoundRoom]:
    """Return the rooms that are listed, by id: of each address one, then of each a second one, and so on.

    Args:
        hints: what is said, the oldest first.
        peers: what the nodes answer.
        before: the rooms that were listed. A room stays with its node while that has it: no other takes it over.
    """
    told = {hint.node.id: answer for hint in hints if (answer := peers.answer(Endpoint.of(hint))) is not None}
    offers: dict[str, list[FoundRoom]] = {}
    for hint in hints:
        if hint.node.id in told:
            offers.setdefault(peers.address(Endpoint.of(hint)), []).append(hint)
    turns = [_offered(there, peers) for there in offers.values()]
    found: dict[str, FoundRoom] = {}

    def fits(offer: _Offer) -> bool:
        _, answer, room = offer
        return room.id not in found and answer.has(room) and not _anothers(room, answer, before, told)

    while turns:
        for turn in list(turns):
            offer = next(filter(fits, turn), None)
            if offer is None:
                turns.remove(turn)
            elif len(found) < MAX_LISTED:
                found[offer[2].id] = described(*offer, peers)
            else:
                return found
    return found


def introduced(hints: Iterable[FoundRoom], peers: Peers, me: str, accepts: Callable[[str], bool]) -> list[FoundRoom]:
    """Return the rooms whose homes are away, as those introduce them who have a mirror.

    Args:
        hints: what is said, the oldest first.
        peers: what the nodes answer.
        me: id of this node, which needs no introduction to its own rooms.
        accepts: whether we would dial an address that a stranger told.
    """
    found = []
    for hint in hints:
        answer = peers.answer(Endpoint.of(hint))
        for room in () if answer is None else _told(hint, answer):
            if answer is None or answer.has(room) or room.home is None or room.home.id == me:
                continue
            if at := nearby(room.addresses, accepts):
                there = described(hint, answer, room, peers)
                found.append(msgspec.structs.replace(there, node=room.home, by=answer.node.id, at=at))
    return found


def has_it(hint: FoundRoom, peers: Peers) -> bool | None:
    """Return whether the node of a hint has its room, or introduces it; None as long as it does not answer."""
    answer = peers.answer(Endpoint.of(hint))
    return None if answer is None else answer.room(hint.id) is not None


def described(hint: FoundRoom, answer: Answer, room: AnsweredRoom, peers: Peers) -> FoundRoom:
    """Return a room as its node describes it, with the address first at which that answered."""
    best = peers.address(Endpoint.of(hint))
    return FoundRoom(
        id=room.id,
        name=room.name,
        node=answer.node,
        addresses=tuple(sorted(hint.addresses, key=lambda address: address != best)),
        port=hint.port,
        members=room.members,
        top=room.top,
        door=room.door,
        owner=room.owner,
        salt=room.salt,
    )


def _told(hint: FoundRoom, answer: Answer) -> Iterable[AnsweredRoom]:
    """Return what a node answers of what a hint is about: one room, or where it is about the node itself, all."""
    return answer.rooms if not hint.id else filter(None, (answer.room(hint.id),))


def _offered(hints: Iterable[FoundRoom], peers: Peers) -> Iterator[_Offer]:
    """Give what is offered at one address: what was announced, then what its nodes tell beside that."""
    nodes: dict[Endpoint, FoundRoom] = {}
    for hint in hints:
        nodes.setdefault(Endpoint.of(hint), hint)
        answer = peers.answer(Endpoint.of(hint))
        room = None if answer is None else answer.room(hint.id)
        if answer is not None and room is not None:
            yield hint, answer, room
    for endpoint, hint in nodes.items():
        answer = peers.answer(endpoint)
        for room in answer.rooms if answer is not None else ():
            if answer is not None:
                yield hint, answer, room


def _anothers(room: AnsweredRoom, answer: Answer, before: Mapping[str, FoundRoom], told: Mapping[str, Answer]) -> bool:
    known = before.get(room.id)
    if known is None or known.node.id == answer.node.id:
        return False
    theirs = told.get(known.node.id)
    return theirs is not None and theirs.room(room.id) is not None
