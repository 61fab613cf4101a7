"""What is known about one node that is asked again and again."""

import asyncio

from lanchat.lan.discovery.probe import Answer


class Peer:
    """One endpoint, and how it answers.

    Args:
        answer: its answer at another place, if it was asked there before.
        young: answers without a room after which it counts as known.
        doubted: when somebody last said that it goes, in seconds of the loop's clock.

    Attributes:
        answer: the latest one; None when it is not there.
        there: whether it has ever answered.
        failures: questions without an answer since then.
        doubts: questions left to be asked soon, because somebody said that it goes.
        address: the one that answered last; empty before.
        asked: when it was asked last, in seconds of the loop's clock.
        due: set to ask it now.
        later: asks it when that may be believed again.
        task: asks it again and again.
    """

    __slots__ = (
        "address",
        "answer",
        "asked",
        "doubted",
        "doubts",
        "due",
        "failures",
        "later",
        "task",
        "there",
        "young",
    )

    def __init__(self, answer: Answer | None, young: int, doubted: float) -> None:
        self.answer = answer
        self.there = answer is not None
        self.failures = 0
        self.doubts = 0
        self.young = young
        self.doubted = doubted
        self.address = ""
        self.asked = 0.0
        self.due = asyncio.Event()
        self.later: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None
