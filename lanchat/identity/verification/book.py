"""The comparisons of words that one person has open, and whom they have verified."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from lanchat.errors import CannotCompare, LimitReached, NoSuchComparison
from lanchat.identity.store import SettingStore
from lanchat.identity.verification.agreement import Parties
from lanchat.identity.verification.comparison import Stage, Step, WordComparison
from lanchat.protocol import Author, Comparison, Verify, is_key_id

MOST_OPEN = 8
"""Most comparisons that are open at a time; with each person one."""
QUIET = 60.0
"""Seconds for which somebody is not heard who asked, and whom the owner did not answer or did not want to."""
MOST_VERIFIED = 4_000
"""Most people who are remembered as verified: so many ids fit into one frame."""
_MOST_QUIET = 256
_SETTING = "verified "

State = Literal["waiting", "asked", "words", "confirmed", "verified", "ended"]
_STATES: dict[Stage, State] = {
    Stage.ASKED: "waiting",
    Stage.INVITED: "asked",
    Stage.PROMISED: "waiting",
    Stage.KEYED: "waiting",
    Stage.WORDS: "words",
    Stage.CONFIRMED: "confirmed",
    Stage.DONE: "verified",
    Stage.CANCELLED: "ended",
}


class Outcome(NamedTuple):
    """What follows from something that happened.

    Attributes:
        shown: how the comparison stands now, for our person.
        told: what the other side is told, in this order.
    """

    shown: Comparison
    told: Sequence[Verify] = ()


class _Open(NamedTuple):
    comparison: WordComparison
    person: Author


class ComparisonBook:
    """What the owner of a node compares with others. It does nothing by itself: what follows is returned.

    Args:
        me: id of the owner, who has a key.
        store: remembers whom they have verified.
        verified: ids of those, as they were remembered.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        me: str,
        store: SettingStore,
        verified: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._me = me
        self._store = store
        self._verified = dict.fromkeys(verified)
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._quiet: dict[str, float] = {}

    @classmethod
    async def load(cls, me: str, store: SettingStore) -> "ComparisonBook":
        """Return the book of somebody, with whom they have verified before."""
        remembered = [key.removeprefix(_SETTING) for key in await store.settings() if key.startswith(_SETTING)]
        return cls(me, store, sorted(remembered))

    @property
    def verified(self) -> list[str]:
        """Ids of everybody whom the owner has verified."""
        return list(self._verified)

    def shown(self) -> list[Comparison]:
        """Return how all open comparisons stand."""
        return [_shown(each) for each in self._open.values()]

    def begin(self, room: str, person: Author) -> Outcome:
        """Ask somebody.

        Raises:
            CannotCompare: they have no key, or it is the owner.
            LimitReached: so many are open already, or one with this person.
        """
        if not is_key_id(person.id) or person.id == self._me:
            raise CannotCompare
        self._check_place(person.id)
        parties = Parties(room, secrets.token_hex(16), asker=self._me, answerer=person.id)
        known = self._open[parties.transaction] = _Open(WordComparison(parties, asked=False, now=self._clock()), person)
        return self._tell(known, known.comparison.start())

    def accept(self, transaction: str) -> Outcome:
        """Want to compare with somebody who asked. Raises NoSuchComparison, StepOutOfOrder."""
        known = self._get(transaction)
        return self._tell(known, known.comparison.accept())

    async def match(self, transaction: str) -> Outcome:
        """Say that the words are the same. Raises NoSuchComparison, StepOutOfOrder, JournalError."""
        known = self._get(transaction)
        outcome = self._tell(known, known.comparison.confirm())
        await self._settle(known)
        return outcome

    def cancel(self, transaction: str, *, differ: bool) -> Outcome:
        """End it: the words differ, or the owner does not want to. Raises NoSuchComparison."""
        known = self._get(transaction)
        step = known.comparison.cancel("differ" if differ else "declined")
        self._forget(known)
        return self._tell(known, step)

    async def take(self, frame: Verify) -> Outcome | None:
        """Take what another side says; None when nothing follows from it.

        Raises:
            VerificationError: it is not right. If it ended a comparison, `over` gives that afterwards.
            LimitReached: somebody asks, and so many are open already.
            JournalError: a success cannot be remembered.
        """
        author = frame.author
        if author is None or not is_key_id(author.id) or author.id == self._me or frame.to != self._me:
            raise CannotCompare
        known = self._open.get(frame.transaction)
        if known is None:
            return self._asked(frame, author) if frame.step == "start" else None
        parties = known.comparison.parties
        if known.comparison.other != author.id or parties.room != frame.room:
            raise NoSuchComparison
        step = known.comparison.take(Step(frame.step, frame.data), self._clock())
        await self._settle(known)
        return self._tell(known, step)

    def over(self) -> list[Outcome]:
        """End what has failed or taken too long, and return what follows."""
        now, ended = self._clock(), []
        for known in list(self._open.values()):
            comparison = known.comparison
            if not comparison.over and comparison.expired(now):
                comparison.cancel("expired")
            if comparison.over:
                self._forget(known)
                ended.append(self._tell(known, Step("cancel", comparison.reason)))
        self._quiet = {person: until for person, until in self._quiet.items() if until > now}
        return ended

    def _asked(self, frame: Verify, author: Author) -> Outcome | None:
        """Somebody asks. Two who ask each other at once have one comparison: that of the smaller id."""
        if author.id in self._quiet:
            return None
        mine = next((each for each in self._open.values() if each.comparison.other == author.id), None)
        both = mine is not None and mine.comparison.stage is Stage.ASKED
        if mine is not None and both:
            if self._me < author.id:
                return None
            del self._open[mine.comparison.parties.transaction]
        self._check_place(author.id)
        parties = Parties(frame.room, frame.transaction, asker=author.id, answerer=self._me)
        known = self._open[frame.transaction] = _Open(WordComparison(parties, asked=True, now=self._clock()), author)
        return self._tell(known, known.comparison.accept() if both else None)

    def _check_place(self, person: str) -> None:
        if any(each.comparison.other == person for each in self._open.values()):
            raise LimitReached("You compare words with this person already.")
        if len(self._open) >= MOST_OPEN or len(self._verified) >= MOST_VERIFIED:
            raise LimitReached(f"You compare words with {len(self._open)} people already; finish one first.")

    def _get(self, transaction: str) -> _Open:
        known = self._open.get(transaction)
        if known is None or known.comparison.over:
            raise NoSuchComparison
        return known

    async def _settle(self, known: _Open) -> None:
        """Remember a success, and let what is over go."""
        comparison = known.comparison
        if comparison.stage is Stage.DONE:
            self._verified[comparison.other] = None
            self._open.pop(comparison.parties.transaction, None)
            await self._store.put_setting(f"{_SETTING}{comparison.other}", str(int(time.time())))
        elif comparison.over:
            self._forget(known)

    def _forget(self, known: _Open) -> None:
        comparison = known.comparison
        self._open.pop(comparison.parties.transaction, None)
        if not comparison.wanted and len(self._quiet) < _MOST_QUIET:
            self._quiet[comparison.other] = self._clock() + QUIET

    def _tell(self, known: _Open, step: Step | None) -> Outcome:
        parties = known.comparison.parties
        told = (
            ()
            if step is None
            else (
                Verify(
                    room=parties.room,
                    to=known.comparison.other,
                    transaction=parties.transaction,
                    step=step.kind,
                    data=step.data,
                ),
            )
        )
        return Outcome(_shown(known), told)


def _shown(known: _Open) -> Comparison:
    comparison = known.comparison
    return Comparison(
        transaction=comparison.parties.transaction,
        room=comparison.parties.room,
        person=known.person,
        state=_STATES[comparison.stage],
        words=list(comparison.words),
        reason=comparison.reason,
    )
