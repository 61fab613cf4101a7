"""What came from each address since the node began: for the owner, after somebody has asked too much of it."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

MOST_ADDRESSES = 512
"""Addresses that are remembered; the one of which nothing came for longest is forgotten first."""
MOST_OF_EACH = 512
"""People, and rooms, that are remembered of one address; the first ones are forgotten first."""

Refusal = Literal["refused", "cut_off", "turned_away"]
"""What was done: a command refused, a connection ended, or not let in."""


class AddressTrace:
    """What came from one address. Times are Unix milliseconds.

    Attributes:
        since: when it was noted first.
        last: when something was noted last.
        refused: commands that were too many.
        cut_off: connections that were ended because they went on.
        turned_away: connections that were not let in.
        people: who spoke from there, and since when.
        rooms: which rooms were made from there, and when.
    """

    __slots__ = ("cut_off", "last", "people", "refused", "rooms", "since", "turned_away")

    def __init__(self, now: int) -> None:
        self.since = self.last = now
        self.refused = self.cut_off = self.turned_away = 0
        self.people: OrderedDict[str, int] = OrderedDict()
        self.rooms: OrderedDict[str, int] = OrderedDict()


class Traces:
    """What came from each address. Nothing of it is written down.

    Args:
        clock: says the time, in seconds since 1970.

    Attributes:
        on_cut_off: called with an address when its first connection is ended.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.on_cut_off: Callable[[str], None] = lambda _: None
        self._clock = clock
        self._known: OrderedDict[str, AddressTrace] = OrderedDict()

    def all(self) -> dict[str, AddressTrace]:
        """Return what is known of each address, the one of which something came last at the end."""
        return dict(self._known)

    def of(self, address: str) -> AddressTrace | None:
        """Return what is known of an address."""
        return self._known.get(address)

    def note(self, address: str, refusal: Refusal) -> None:
        """Count what was done with somebody who asked too much."""
        if not address:
            return
        trace = self._touch(address)
        first = refusal == "cut_off" and not trace.cut_off
        setattr(trace, refusal, getattr(trace, refusal) + 1)
        if first:
            self.on_cut_off(address)

    def spoke(self, address: str, person: str) -> None:
        """Note who speaks from an address; empty for the owner of the node, of whom nothing is noted."""
        if address:
            trace = self._touch(address)
            _keep(trace.people, person, trace.last)

    def made(self, address: str, room: str) -> None:
        """Note from where a room was made."""
        if address:
            trace = self._touch(address)
            _keep(trace.rooms, room, trace.last)

    def _touch(self, address: str) -> AddressTrace:
        now = int(self._clock() * 1000)
        trace = self._known.get(address)
        if trace is None:
            trace = self._known[address] = AddressTrace(now)
            if len(self._known) > MOST_ADDRESSES:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(address)
        trace.last = now
        return trace


def _keep(known: OrderedDict[str, int], one: str, now: int) -> None:
    known.setdefault(one, now)
    if len(known) > MOST_OF_EACH:
        known.popitem(last=False)
