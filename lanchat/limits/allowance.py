"""What clients may still do: each connection by itself, and all connections of one address together."""

from collections import OrderedDict
from math import ceil
from typing import Literal, get_args

from lanchat.errors import LimitReached, SlowDown
from lanchat.limits.bucket import TokenBucket
from lanchat.limits.numbers import Limits

Cost = Literal["post", "open", "join", "page", "search", "signal", "rename", "invite", "door", "announce", "link"]
"""What a command counts as; each has a `_rate` and a `_burst` in the limits."""
COSTS: tuple[Cost, ...] = get_args(Cost)
MOST_ADDRESSES = 4096
"""Addresses that are remembered; the one that came longest ago is forgotten first."""

_NAMES = {
    "post": "posts",
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


class Allowance:
    """The buckets of one connection, or of one address.

    Args:
        limits: how much there is of each.
        share: how many connections' worth.
    """

    __slots__ = ("_buckets", "_limits", "_share", "rooms_made")

    def __init__(self, limits: Limits, share: int = 1) -> None:
        self._limits = limits
        self._share = share
        self._buckets: dict[str, TokenBucket] = {}
        self.rooms_made = 0

    def bucket(self, name: str) -> TokenBucket:
        """Return the bucket of that `_rate` and `_burst`, full when it is asked for the first time."""
        found = self._buckets.get(name)
        if found is None:
            rate, burst = getattr(self._limits, f"{name}_rate"), getattr(self._limits, f"{name}_burst")
            found = self._buckets[name] = TokenBucket(rate * self._share, burst * self._share)
        return found


class Addresses:
    """What each address may still do, whatever connections it has.

    Args:
        limits: how much.

    Attributes:
        limits: how much.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._known: OrderedDict[str, Allowance] = OrderedDict()

    def of(self, address: str) -> Allowance:
        """Return what all connections of an address share."""
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = Allowance(self.limits, self.limits.address_share)
            if len(self._known) > MOST_ADDRESSES:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(address)
        return known

    def charge_request(self, address: str, now: float) -> None:
        """Count a request by HTTP. Raises SlowDown."""
        if wait := self.of(address).bucket("request").take(now):
            raise SlowDown(f"Too many requests; try again in {_seconds(wait)}.")

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
        theirs = self.of(address)
        if theirs.rooms_made >= self.limits.rooms_per_address:
            raise LimitReached(f"You have made {theirs.rooms_made} rooms here already; use one of them.")
        theirs.rooms_made += 1


class Pace:
    """How fast one connection may go on.

    Args:
        addresses: what each address may.
        address: where it comes from; empty for the person whose node it is, who is never held up.
        patient: whether it is made to wait rather than refused, and has as much as its address: a link.
    """

    __slots__ = ("_mine", "_ours", "_patient", "address")

    def __init__(self, addresses: Addresses, address: str = "", *, patient: bool = False) -> None:
        self.address = address
        self._patient = patient
        self._mine = Allowance(addresses.limits, addresses.limits.address_share if patient else 1)
        self._ours = addresses.of(address) if address else None

    def pay(self, cost: Cost, now: float) -> float:
        """Count one command.

        Args:
            cost: what it counts as.
            now: seconds of a clock that never goes back.

        Returns:
            Seconds to wait before it is carried out.

        Raises:
            SlowDown: there were too many.
        """
        if self._ours is None:
            return 0.0
        mine, ours = self._mine.bucket(cost), self._ours.bucket(cost)
        if self._patient:
            return max(mine.spend(now), ours.spend(now))
        if wait := mine.take(now) or ours.take(now):
            raise SlowDown(f"Too many {_NAMES[cost]}; try again in {_seconds(wait)}.")
        return 0.0

    def bear(self, now: float) -> bool:
        """Count a refusal; False when this connection was told to slow down too often."""
        return self._mine.bucket("refusal").take(now) == 0


def _seconds(wait: float) -> str:
    whole = max(1, ceil(wait))
    return "a second" if whole == 1 else f"{whole} seconds"
