"""What others may still do: each person, all of one address together, and all in one room together."""

from collections import OrderedDict
from collections.abc import Iterable
from math import ceil
from typing import Literal, NamedTuple, get_args

from lanchat.errors import LimitReached, SlowDown
from lanchat.limits.accounts import Accounts
from lanchat.limits.numbers import Limits
from lanchat.limits.token_rate import TokenRate
from lanchat.limits.traces import Traces

Cost = Literal[
    "post", "bring", "open", "join", "page", "search", "signal", "rename", "invite", "door", "announce", "link"
]
"""What a command counts as; each has a `_rate` and a `_burst` in the limits."""
COSTS: tuple[Cost, ...] = get_args(Cost)
IN_ROOM: tuple[Cost, ...] = ("post", "bring", "join", "signal")
"""What counts against a room as well, because everybody in it is told; a `room_…_rate` and a `room_…_burst`."""
MOST_MAKERS = 4096
"""Addresses of which is remembered how many rooms they made; the one that made one longest ago is forgotten first."""
REFUSED = 0.02
"""Seconds that nothing more is read of a client that was refused something: a refusal costs about what a post does."""
MOST_REST = 1.0
"""The same of an address of which very much was refused; connections beyond number share what it has."""
_NAMES = {
    "post": "posts",
    "bring": "posts from a branch",
    "open": "rooms looked for",
    "join": "rooms entered or left",
    "page": "pages asked for",
    "search": "searches",
    "signal": "signs of writing or reading",
    "rename": "new names",
    "invite": "invitations",
    "door": "passphrases, codes and rules",
    "announce": "announcements",
    "link": "reports of who is there",
}
_PART = 0.5
"""What one address has of a room's allowance: whoever floods a room leaves the others as much."""


class Payer(NamedTuple):
    """Against whom a command counts.

    Attributes:
        address: where it comes from; empty for the person whose node it is, who is never held up.
        person: id of who speaks. It counts at this address only, so that nobody uses up what another has elsewhere.
        patient: whether it is made to wait rather than refused, and has as much as its address: a link.
    """

    address: str = ""
    person: str = ""
    patient: bool = False


class Addresses:
    """What each address may still do, whatever connections it has; and in it each person, and each room.

    Args:
        limits: how much.

    Attributes:
        limits: how much.
        frames: how many frames a connection may send.
        bytes: how many bytes.
        people: what each person has used, by address and person.
        each: what each address has used.
        rooms: what each room has used.
        parts: what each address has used of a room, by address and room.
        traces: what came from each address.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.frames = _rate(limits, "frame")
        self.bytes = _rate(limits, "byte")
        self.people = Accounts(_rates(limits, (*COSTS, "refusal")))
        together = (*COSTS, "refusal", "frame", "byte", "handshake", "request")
        self.each = Accounts(_rates(limits, together, limits.address_share))
        self.rooms = Accounts(_rates(limits, IN_ROOM, prefix="room_"))
        self.parts = Accounts(_rates(limits, IN_ROOM, _PART, prefix="room_"))
        self.traces = Traces()
        self._made: OrderedDict[str, int] = OrderedDict()

    def pay(self, payer: Payer, cost: Cost, now: float, room: str = "", count: int = 1) -> float:
        """Count a command: against its person, its address, and the room that it is about.

        Args:
            payer: whose it is.
            cost: what it counts as.
            now: seconds of a clock that never goes back.
            room: id of the room; empty when it is about none that is here.
            count: as how many it counts.

        Returns:
            Seconds to wait before it is carried out.

        Raises:
            SlowDown: there were too many.
        """
        address = payer.address
        if not address:
            return 0.0
        in_room = room and cost in self.rooms
        if payer.patient:
            waits = [self.each.spend(address, cost, now, count)]
            if in_room:
                waits.append(self.parts.spend(f"{address} {room}", cost, now, count))
                waits.append(self.rooms.spend(room, cost, now, count))
            return max(waits)
        person = _person(payer)
        if wait := self.people.take(person, cost, now, count) or self.each.take(address, cost, now, count):
            raise SlowDown(f"Too many {_NAMES[cost]}; try again in {_seconds(wait)}.", wait=wait)
        part = f"{address} {room}"
        if in_room and (wait := self.parts.take(part, cost, now, count) or self.rooms.take(room, cost, now, count)):
            raise SlowDown(f"Too many {_NAMES[cost]} in this room; try again in {_seconds(wait)}.", wait=wait)
        return 0.0

    def bear(self, payer: Payer, now: float) -> bool:
        """Count a refusal; False when this person was told to slow down too often."""
        return self.people.take(_person(payer), "refusal", now) == 0

    def rest(self, payer: Payer, now: float) -> float:
        """Count a refusal against its address, and return the seconds that nothing more is read of its client."""
        owed = self.each.spend(payer.address, "refusal", now) if payer.address else 0.0
        return min(max(REFUSED, owed), MOST_REST)

    def charge_request(self, address: str, now: float) -> None:
        """Count a request by HTTP. Raises SlowDown."""
        if wait := self.each.take(address, "request", now):
            raise SlowDown(f"Too many requests; try again in {_seconds(wait)}.", wait=wait)

    def charge_room(self, address: str, here: int) -> None:
        """Count a room that somebody makes.

        Args:
            address: whose; empty for the person whose node it is, who may always.
            here: rooms that there are.

        Raises:
            LimitReached: there are too many, or this address has made too many.
        """
        if not address:
            return
        if here >= self.limits.rooms:
            raise LimitReached(f"There are {here} rooms here already; use one of them, or have one removed.")
        made = self._made.get(address, 0)
        if made >= self.limits.rooms_per_address:
            raise LimitReached(f"You have made {made} rooms here already; use one of them.")
        self._made[address] = made + 1
        self._made.move_to_end(address)
        if len(self._made) > MOST_MAKERS:
            self._made.popitem(last=False)


def _person(payer: Payer) -> str:
    return f"{payer.address} {payer.person}"


def _seconds(wait: float) -> str:
    whole = max(1, ceil(wait))
    return "a second" if whole == 1 else f"{whole} seconds"


def _rates(limits: Limits, kinds: Iterable[str], share: float = 1, prefix: str = "") -> dict[str, TokenRate]:
    return {kind: _rate(limits, prefix + kind, share) for kind in kinds}


def _rate(limits: Limits, name: str, share: float = 1) -> TokenRate:
    return TokenRate(getattr(limits, f"{name}_rate") * share, max(1.0, getattr(limits, f"{name}_burst") * share))
