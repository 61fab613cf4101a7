"""How people are shown in one place, so that nobody there can be taken for somebody else. Pure.

The page has the same rule (assets/src/text/crowd.ts); both are held to tests/cases/crowd.json.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from lanchat.identity import names
from lanchat.protocol import Author, AuthorKind, author_kind, is_key_id

MOST_NAMES = 5_000
"""Most names that are remembered; of more, the oldest are forgotten."""
_TAIL = 4
_LONG_TAIL = 8
_MANY = 100


class Label(NamedTuple):
    """How somebody is shown. As a string it is one line: `Ana ·4f2c (guest)`.

    Attributes:
        nick: the name.
        tail: the beginning of the id, where the name alone could be somebody else's; else empty.
        kind: whether they have a key, or a node vouches for them, or nobody can know who it was.
    """

    nick: str
    tail: str
    kind: AuthorKind

    @property
    def name(self) -> str:
        """The name and the tail."""
        return f"{self.nick} ·{self.tail}" if self.tail else self.nick

    def __str__(self) -> str:
        return self.name if self.kind == "verified" else f"{self.name} ({self.kind})"


class Crowd:
    """The people who were seen in one place.

    A name belongs to a key. Of people whose names look alike, those stand for their name plainly who rank above all
    others: first who is known, the owner and whom they have verified; then who has a key; then everybody else. All
    others have a tail, and of equals every one has: to be earlier, or to have the smaller id, is nothing to gain.

    Args:
        known: ids of those who are known.
    """

    def __init__(self, known: Collection[str] = ()) -> None:
        self._known = known
        self._seen: dict[tuple[str, str], None] = {}
        self._bearers: dict[str, dict[str, int]] = {}

    def see(self, author: Author) -> None:
        """Note that somebody is here, or has said something."""
        name = (author.id, author.nick)
        if name in self._seen:
            return
        self._seen[name] = None
        for key in names.keys(author.nick):
            bearers = self._bearers.setdefault(key, {})
            bearers[author.id] = bearers.get(author.id, 0) + 1
        if len(self._seen) > MOST_NAMES:
            self._forget(next(iter(self._seen)))

    def named(self, person: str) -> str:
        """Return how the person of an id is called who was seen last under a name, or else the beginning of the id."""
        nick = next((nick for seen, nick in reversed(self._seen) if seen == person), "")
        return str(self.label(Author(id=person, nick=nick))) if nick else f"·{_bare(person)[:_LONG_TAIL]}"

    def label(self, author: Author) -> Label:
        """Return how somebody is shown beside all others who were seen."""
        bearers = [self._bearers.get(key, {}) for key in names.keys(author.nick)]
        mine = self._rank(author.id)
        doubted = names.mixes_scripts(author.nick) or any(
            self._rank(other) >= mine for others in bearers for other in others if other != author.id
        )
        return Label(author.nick, _tail(author.id, bearers) if doubted else "", author_kind(author.id))

    def _rank(self, person: str) -> int:
        return 2 if person in self._known and is_key_id(person) else int(is_key_id(person))

    def _forget(self, name: tuple[str, str]) -> None:
        del self._seen[name]
        person, nick = name
        for key in names.keys(nick):
            bearers = self._bearers[key]
            bearers[person] -= 1
            if not bearers[person]:
                del bearers[person]
            if not bearers:
                del self._bearers[key]


def _tail(person: str, bearers: Sequence[Collection[str]]) -> str:
    """Return the shortest beginning of an id, of four characters or more, that no other bearer's id begins with.

    Where very many have one name, nobody compares them all: it is longer then, and that must do.
    """
    mine = _bare(person)
    if sum(map(len, bearers)) > _MANY:
        return mine[:_LONG_TAIL]
    theirs = [_bare(other) for others in bearers for other in others if other != person]
    length = _TAIL
    while length < len(mine) and any(other[:length] == mine[:length] for other in theirs):
        length += 1
    return mine[:length]


def _bare(person: str) -> str:
    return person.removeprefix("g-").removeprefix("u-")
