"""Who is here, as each node last said it. Pure: time comes in as an argument."""

from collections.abc import Iterable, Iterator, Sequence

from lanchat.protocol import SILENCE, Author, NodeInfo

MOST_NODES = 256
"""Most nodes in one room; another one has no place until one is silent."""
MOST_PEOPLE = 5_000
"""Most people whom other nodes see in one room, all nodes together."""


class PresenceSets:
    """The people in one room, one set per node.

    A node always says its whole set; the next saying replaces it, and a node that is silent for `SILENCE` seconds is
    dropped whole. State instead of changes: loss and reordering need no code.
    """

    def __init__(self) -> None:
        self._sets: dict[str, tuple[NodeInfo, tuple[Author, ...], float]] = {}

    def replace(self, node: NodeInfo, members: Iterable[Author], now: float) -> bool:
        """Take what `node` says at `now` (monotonic seconds); True when it differs from what it said before."""
        said = tuple(sorted(members, key=lambda member: (member.nick.casefold(), member.id)))
        known = self._sets.get(node.id)
        if said:
            self._sets[node.id] = (node, said, now)
        else:
            self._sets.pop(node.id, None)
        return said != (known[1] if known else ())

    def has_place(self, node: NodeInfo, members: Sequence[Author], *, keep: str = "") -> bool:
        """Return whether there is place for what a node says, beside the others; `keep` is the node that always has."""
        others = {known: said for known, (_, said, _) in self._sets.items() if known not in {node.id, keep}}
        people = sum(map(len, others.values())) + len(members)
        return len(others) < MOST_NODES and people <= MOST_PEOPLE

    def expire(self, now: float, *, keep: str = "") -> list[NodeInfo]:
        """Drop the nodes that were silent for too long, except `keep`, and give them."""
        silent = [node for node, _, at in self._sets.values() if node.id != keep and now - at > SILENCE]
        for node in silent:
            del self._sets[node.id]
        return silent

    def sets(self) -> list[tuple[NodeInfo, tuple[Author, ...]]]:
        """Return each node with its people."""
        return [(node, members) for node, members, _ in self._sets.values()]

    def elsewhere(self, node: str) -> set[str]:
        """Return the ids of the people who are here through other nodes than this one."""
        return {member.id for known, (_, said, _) in self._sets.items() if known != node for member in said}

    def sees(self, node: str, person: str) -> bool:
        """Return whether a node says that somebody is here."""
        _, said, _ = self._sets.get(node, (None, (), 0.0))
        return any(member.id == person for member in said)

    def everybody(self) -> Iterator[Author]:
        """Return all people; somebody who is here through two nodes comes twice."""
        return (member for _, members, _ in self._sets.values() for member in members)

    def __len__(self) -> int:
        """Count the people; somebody who is here through two nodes counts once."""
        return len({member.id for member in self.everybody()}) if self._sets else 0
