"""Who is in a group of the queue layer, read from what Redis says of it."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lanchat.layers.redis import wire

_MOST_KEPT = 256


class GroupRoll(NamedTuple):
    """The members of a group.

    Attributes:
        alive: the channels whose processes renew them, and those of the originals.
        dead: the channels whose lease has run out.
        queues: those that live, by the queue that they share.
        renewed: when the first of those that live was renewed, in seconds since 1970; infinite when none has a lease.
        told: the SHA-1 of what Redis told.
    """

    alive: Sequence[str]
    dead: Sequence[str]
    queues: Mapping[str, Sequence[str]]
    renewed: float
    told: str

    def without(self, channel: str | None) -> Mapping[str, Sequence[str]]:
        """Return the queues of everybody but one channel."""
        queue = "" if channel is None else wire.non_local(channel)
        if queue not in self.queues:
            return self.queues
        others = [each for each in self.queues[queue] if each != channel]
        return {
            name: others if name == queue else all_ for name, all_ in self.queues.items() if others or name != queue
        }


class GroupRolls:
    """Reads rolls, and remembers how it has read them: most are the same from one message to the next."""

    def __init__(self) -> None:
        self._read: OrderedDict[str, tuple[bytes, GroupRoll]] = OrderedDict()

    def known(self, group: str, oldest: float) -> GroupRoll | None:
        """Return what was read last of a group, if it may still be so; None when it cannot. Arguments as for `read`."""
        known = self._read.get(group)
        return known[1] if known is not None and known[1].renewed > oldest else None

    def read(self, group: str, told: bytes, oldest: float) -> GroupRoll:
        """Return the roll of a group.

        Args:
            group: its name.
            told: what the script ROLL has returned.
            oldest: when a lease that has just run out was renewed, in seconds since 1970.
        """
        known = self._read.get(group)
        if known is not None and known[0] == told and known[1].renewed > oldest:
            return known[1]
        roll = _roll(told, oldest)
        self._read[group] = told, roll
        if len(self._read) > _MOST_KEPT:
            self._read.popitem(last=False)
        return roll


def _roll(told: bytes, oldest: float) -> GroupRoll:
    alive: list[str] = []
    dead: list[str] = []
    queues: dict[str, list[str]] = {}
    first = float("inf")
    for line in told.decode(errors="replace").split("\n") if told else ():
        score, _, channel = line.partition(" ")
        if wire.is_leased(channel):
            renewed = float(score)
            if renewed <= oldest:
                dead.append(channel)
                continue
            first = min(first, renewed)
        alive.append(channel)
        queues.setdefault(wire.non_local(channel), []).append(channel)
    return GroupRoll(alive, dead, queues, first, hashlib.sha1(told, usedforsecurity=False).hexdigest())
