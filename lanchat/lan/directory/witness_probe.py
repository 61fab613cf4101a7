"""Asks nodes, and remembers which others they reach: who is between two networks learns by that who is apart."""

import time
from collections.abc import Callable, Iterator

import msgspec

from lanchat.lan.discovery import MAX_TOLD, TIMEOUT, Answer, HttpsProbe

LASTING = 60.0
"""Seconds for which an answer says how it is; nodes are asked every fifteen."""
MOST = 512


class Acquainted(msgspec.Struct, frozen=True):
    """What a node has answered.

    Attributes:
        host: the address at which it did.
        told: ids of the nodes that it told of, which answer it.
        at: when, by a clock that only grows.
    """

    host: str
    told: frozenset[str]
    at: float

    def reaches(self, node: str) -> bool | None:
        """Return whether it reaches a node; None where it tells of so many that it may have left that one out."""
        return True if node in self.told else None if len(self.told) >= MAX_TOLD else False


class WitnessProbe:
    """Asks as `HttpsProbe` does.

    Args:
        me: as of `HttpsProbe`.
        clock: seconds that only grow.

    Attributes:
        relayed: whether a node may answer through another machine: who passes others on to it must know where it is
            itself, or two who do would pass on to each other for ever.
    """

    def __init__(self, me: Callable[[], tuple[str, int]], clock: Callable[[], float] = time.monotonic) -> None:
        self.relayed: Callable[[str], bool] = lambda _: True
        self._probe = HttpsProbe(me)
        self._clock = clock
        self._known: dict[str, Acquainted] = {}

    async def ask(self, address: str, port: int, node: str, patience: float = TIMEOUT) -> Answer:
        """Return what a node answers. As `HttpsProbe.ask`."""
        answer = await self._probe.ask(address, port, node, patience, relayed=self.relayed(node))
        if node:  # then it has shown its key
            self.note(node, address, answer)
        return answer

    def note(self, node: str, address: str, answer: Answer) -> None:
        """Remember what a node has answered at an address."""
        self._known.pop(node, None)
        self._known[node] = Acquainted(address, frozenset(told.id for told in answer.nodes), self._clock())
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def witnesses(self, now: float) -> Iterator[tuple[str, Acquainted]]:
        """Give the nodes that have answered lately, and what."""
        return ((node, known) for node, known in tuple(self._known.items()) if now - known.at < LASTING)
