"""What is known about one node that is asked again and again."""

import asyncio
from dataclasses import dataclass, field

from lanchat.lan.discovery.probe import Answer


@dataclass(slots=True, eq=False)
class Peer:
    """One endpoint, and how it answers.

    Attributes:
        answer: the latest one, also from another place where it was asked before; None when it is not there.
        there: whether it has ever answered.
        young: answers without a room after which it counts as known.
        doubted: when somebody last said that it goes, in seconds of the loop's clock.
        failures: questions without an answer since then.
        doubts: questions left to be asked soon, because somebody said that it goes.
        address: the one that answered last; empty before.
        asked: when it was asked last, in seconds of the loop's clock.
        due: set to ask it now.
        later: asks it when that may be believed again.
        task: asks it again and again.
    """

    answer: Answer | None
    there: bool
    young: int
    doubted: float
    failures: int = 0
    doubts: int = 0
    address: str = ""
    asked: float = 0.0
    due: asyncio.Event = field(default_factory=asyncio.Event)
    later: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None
