"""One comparison of words, as one of the two sides sees it: what comes next, and what is wrong. Pure.

who asks            who is asked
ASKED    start ──►  INVITED      the person is asked whether they want to
         ◄── accept PROMISED     with the commitment to a key
KEYED    key ────►  WORDS
WORDS    ◄───── key
CONFIRMED ◄─ mac ─► CONFIRMED    each when its person says that the words are the same; DONE when both are there
"""

import hmac
from enum import Enum
from typing import Literal, NamedTuple, get_args

from lanchat.errors import (
    ComparisonExpired,
    MalformedStep,
    StepOutOfOrder,
    StepReplayed,
    VerificationError,
    WrongCommitment,
    WrongMac,
)
from lanchat.identity.verification.agreement import Agreement, Ephemeral, Parties, commitment, from_text, to_text

LIFE = 300.0
"""Seconds that two people have for it."""
StepKind = Literal["start", "accept", "key", "mac", "cancel"]
"""What one side tells the other."""
Reason = Literal["", "differ", "declined", "expired", "failed"]
"""Why it ended: the words differ, one of the two does not want to, time is over, or a step was wrong."""


class Step(NamedTuple):
    """What one side tells the other: `data` is a commitment, a key or a MAC, or why it is cancelled."""

    kind: StepKind
    data: str = ""


class Stage(Enum):
    """How far it is."""

    ASKED = "asked"
    INVITED = "invited"
    PROMISED = "promised"
    KEYED = "keyed"
    WORDS = "words"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class WordComparison:
    """One side of one comparison.

    Args:
        parties: who compares.
        asked: whether this side is the one that was asked.
        now: monotonic seconds.

    Attributes:
        parties: who compares.
        stage: how far it is.
        reason: why it ended; empty as long as it has not, and when all was well.
        wanted: whether our person asked, or agreed to it.
    """

    def __init__(self, parties: Parties, *, asked: bool, now: float) -> None:
        self.parties = parties
        self.stage = Stage.INVITED if asked else Stage.ASKED
        self.reason: Reason = ""
        self.wanted = not asked
        self._asked = asked
        self._until = now + LIFE
        self._key = Ephemeral()
        self._commitment = b""
        self._agreement: Agreement | None = None
        self._met = False
        self._taken: dict[StepKind, str] = {"start": ""} if asked else {}

    @property
    def other(self) -> str:
        """Id of the person at the other side."""
        return self.parties.asker if self._asked else self.parties.answerer

    @property
    def words(self) -> tuple[str, ...]:
        """What the two read to each other; empty before there is something."""
        return () if self._agreement is None else self._agreement.words

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.stage in {Stage.DONE, Stage.CANCELLED}

    def start(self) -> Step:
        """Ask the other side. Raises StepOutOfOrder."""
        self._expect(Stage.ASKED)
        return Step("start")

    def accept(self) -> Step:
        """Commit to a key, because our person wants to. Raises StepOutOfOrder."""
        self._expect(Stage.INVITED)
        self.stage, self.wanted = Stage.PROMISED, True
        return Step("accept", to_text(commitment(self.parties, self._key.public)))

    def confirm(self) -> Step:
        """Show the other side that our person found the words equal. Raises StepOutOfOrder."""
        self._expect(Stage.WORDS)
        assert self._agreement is not None  # noqa: S101 - there are words
        self.stage = Stage.DONE if self._met else Stage.CONFIRMED
        return Step("mac", to_text(self._agreement.mac(self._mine)))

    def cancel(self, reason: Reason) -> Step:
        """End it, and tell the other side why."""
        self.stage, self.reason = Stage.CANCELLED, reason
        return Step("cancel", reason)

    def expired(self, now: float) -> bool:
        """Whether its time is over at `now` (monotonic seconds)."""
        return now >= self._until

    def take(self, step: Step, now: float) -> Step | None:
        """Take what the other side says, and return what it is to be told.

        Args:
            step: what came.
            now: monotonic seconds.

        Raises:
            StepReplayed: it came before; nothing has changed by it.
            StepOutOfOrder: it is not its turn, or it comes again with something else in it.
            MalformedStep: it carries no key, commitment or MAC.
            WrongCommitment: the other side shows another key than the one it committed to.
            WrongMac: the other side has other keys, words or ids than we.
            ComparisonExpired: time is over.

        After each error but the first it is cancelled.
        """
        try:
            return self._take(step, now)
        except StepReplayed:
            raise
        except VerificationError as error:
            self.cancel("expired" if isinstance(error, ComparisonExpired) else "failed")
            raise

    @property
    def _mine(self) -> str:
        return self.parties.answerer if self._asked else self.parties.asker

    def _take(self, step: Step, now: float) -> Step | None:
        if self._taken.get(step.kind) == step.data:
            raise StepReplayed
        if self.over or step.kind in self._taken:
            raise StepOutOfOrder
        if self.expired(now):
            raise ComparisonExpired
        answer = self._carry_on(step)
        self._taken[step.kind] = step.data
        return answer

    def _carry_on(self, step: Step) -> Step | None:
        match step.kind, self.stage:
            case "cancel", _:
                self.stage, self.reason = Stage.CANCELLED, _reason(step.data)
                return None
            case "accept", Stage.ASKED:
                self._commitment = from_text(step.data)
                self.stage = Stage.KEYED
                return Step("key", to_text(self._key.public))
            case "key", Stage.PROMISED:
                self._agree(from_text(step.data))
                return Step("key", to_text(self._key.public))
            case "key", Stage.KEYED:
                key = from_text(step.data)
                if not hmac.compare_digest(self._commitment, commitment(self.parties, key)):
                    raise WrongCommitment
                self._agree(key)
                return None
            case "mac", Stage.WORDS | Stage.CONFIRMED:
                self._meet(from_text(step.data))
                return None
            case _:
                raise StepOutOfOrder

    def _agree(self, key: bytes) -> None:
        self._agreement = self._key.agree(self.parties, key, asked=self._asked)
        self.stage = Stage.WORDS

    def _meet(self, mac: bytes) -> None:
        assert self._agreement is not None  # noqa: S101 - there are words
        if not hmac.compare_digest(self._agreement.mac(self.other), mac):
            raise WrongMac
        self._met = True
        if self.stage is Stage.CONFIRMED:
            self.stage = Stage.DONE

    def _expect(self, stage: Stage) -> None:
        if self.stage is not stage:
            raise StepOutOfOrder


def _reason(data: str) -> Reason:
    """Return why the other side ended it. Raises MalformedStep."""
    for reason in get_args(Reason):
        if reason and reason == data:
            return reason  # type: ignore[no-any-return]
    raise MalformedStep("A cancel says why: differ, declined, expired or failed.")
