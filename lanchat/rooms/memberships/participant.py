"""Somebody who is here, and the rooms that they are in."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from lanchat.protocol import MAX_PAGE, Author, Membership, Memberships, encode
from lanchat.rooms.memberships.tally import Tally


class Client(Protocol):
    """Something at which a person is told of their rooms."""

    def send_text(self, payload: bytes) -> None:
        """Take an encoded frame. It must not wait."""


class Participant:
    """Somebody who is here.

    Args:
        author: who.

    Attributes:
        author: who, under the name that they have now.
        clients: where they are told of their rooms.
        rooms: their rooms, by id.
        changed: the rooms of which something is to be told.
        gone: the rooms of which is to be told that they are not in them any more.
        reload: whether what is kept of them has to be read, again or for the first time.
    """

    def __init__(self, author: Author) -> None:
        self.author = author
        self.clients: list[Client] = []
        self.rooms: dict[str, Tally] = {}
        self.changed: set[str] = set()
        self.gone: set[str] = set()
        self.reload = True

    @property
    def to_tell(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.reload or self.changed or self.gone)

    def tell_all(self, clients: Iterable[Client]) -> None:
        """Tell clients everything, in as many frames as it takes."""
        shown = [tally.shown for tally in self.rooms.values()]
        for number, piece in enumerate(_pieces(shown)):
            _send(clients, Memberships(rooms=piece, whole=number == 0))

    def tell(self, tallies: Sequence[Tally], gone: Iterable[str]) -> None:
        """Tell every client how some rooms stand, and which are not theirs any more."""
        for piece in _pieces([tally.shown for tally in tallies]):
            _send(self.clients, Memberships(rooms=piece, gone=sorted(gone)))


def _pieces(shown: Sequence[Membership]) -> list[list[Membership]]:
    return [list(shown[begin : begin + MAX_PAGE]) for begin in range(0, max(1, len(shown)), MAX_PAGE)]


def _send(clients: Iterable[Client], frame: Memberships) -> None:
    payload = encode(frame)
    for client in clients:
        client.send_text(payload)
