import secrets

import pytest

from lanchat.errors import (
    ComparisonExpired,
    MalformedStep,
    StepOutOfOrder,
    StepReplayed,
    VerificationError,
    WrongCommitment,
    WrongMac,
)
from lanchat.identity import PersonKey
from lanchat.identity.verification.agreement import Ephemeral, Parties, commitment, to_text
from lanchat.identity.verification.comparison import LIFE, Stage, Step, StepKind, WordComparison

ANN, BEN, EVE = (PersonKey.new().id for _ in range(3))
ROOM = "r" * 32


class Pair:
    """Two sides whose steps reach each other."""

    def __init__(self, parties: Parties | None = None) -> None:
        self.parties = parties or Parties(ROOM, secrets.token_hex(16), ANN, BEN)
        self.ann = WordComparison(self.parties, asked=False, now=0)
        self.ben = WordComparison(self.parties, asked=True, now=0)

    def to_words(self) -> list[Step]:
        """Go on until both have words, and give what was said."""
        start, accept = self.ann.start(), self.ben.accept()
        key = self.ann.take(accept, 1)
        assert key is not None
        answer = self.ben.take(key, 2)
        assert answer is not None
        assert self.ann.take(answer, 3) is None
        return [start, accept, key, answer]


def test_two_people_compare_words() -> None:
    pair = Pair()
    said = pair.to_words()
    assert [step.kind for step in said] == ["start", "accept", "key", "key"]
    assert pair.ann.words == pair.ben.words
    assert len(pair.ann.words) == 6
    first = pair.ann.confirm()
    assert pair.ann.stage is Stage.CONFIRMED
    assert pair.ben.take(first, 4) is None
    assert pair.ben.stage is Stage.WORDS, "it is for Ben to say that they match"
    assert pair.ann.take(pair.ben.confirm(), 5) is None
    assert (pair.ann.stage, pair.ben.stage) == (Stage.DONE, Stage.DONE)
    assert (pair.ann.over, pair.ann.reason) == (True, "")
    assert (pair.ann.other, pair.ben.other) == (BEN, ANN)


def test_no_step_says_a_word_before_both_are_bound() -> None:
    pair = Pair()
    pair.ben.accept()
    assert pair.ann.words == pair.ben.words == ()


@pytest.mark.parametrize("reason", ["differ", "declined", "expired", "failed"])
def test_either_side_ends_it_and_says_why(reason: str) -> None:
    pair = Pair()
    pair.to_words()
    assert pair.ben.take(pair.ann.cancel(reason), 4) is None  # type: ignore[arg-type]
    assert (pair.ben.stage, pair.ben.reason, pair.ann.reason) == (Stage.CANCELLED, reason, reason)


# Whoever is between them ----------------------------------------------------------------------------------------------


def caught(parties: Parties, *, swaps: str) -> bool:
    """Let somebody in between replace keys, ids or both; True when Ann and Ben notice, by words or by an error."""
    towards_ben = parties._replace(asker=EVE) if "asker" in swaps else parties
    towards_ann = parties._replace(answerer=EVE) if "answerer" in swaps else parties
    ann = WordComparison(towards_ann, asked=False, now=0)
    ben = WordComparison(towards_ben, asked=True, now=0)
    mine = Ephemeral()
    try:
        accept = ben.accept()
        if "commitment" in swaps:
            accept = Step("accept", to_text(commitment(towards_ann, mine.public)))
        key = ann.take(accept, 1)
        assert key is not None
        answer = ben.take(Step("key", to_text(mine.public)) if "key" in swaps else key, 1)
        assert answer is not None
        ann.take(Step("key", to_text(mine.public)) if "commitment" in swaps or "late" in swaps else answer, 1)
    except WrongCommitment:
        return True
    return ann.words != ben.words


SWAPS = [
    "key",
    "commitment",
    "key commitment",
    "late",
    "key late",
    "asker",
    "answerer",
    "asker answerer key commitment",
]


@pytest.mark.parametrize("swaps", SWAPS)
def test_somebody_in_between_is_caught_a_thousand_times_of_a_thousand(swaps: str) -> None:
    trials = [caught(Parties(ROOM, secrets.token_hex(16), ANN, BEN), swaps=swaps) for _ in range(1_000)]
    assert trials.count(True) == 1_000


def test_where_nobody_is_in_between_nobody_is_caught() -> None:
    assert not caught(Parties(ROOM, secrets.token_hex(16), ANN, BEN), swaps="")


def test_another_key_than_the_promised_one_ends_it() -> None:
    pair = Pair()
    key = pair.ann.take(pair.ben.accept(), 1)
    assert key is not None
    with pytest.raises(WrongCommitment, match="between you"):
        pair.ann.take(Step("key", to_text(Ephemeral().public)), 2)
    assert (pair.ann.stage, pair.ann.reason, pair.ann.words) == (Stage.CANCELLED, "failed", ())


@pytest.mark.parametrize("at_once", [True, False])
def test_a_confirmation_of_something_else_ends_it(*, at_once: bool) -> None:
    pair, other = Pair(), Pair()
    pair.to_words()
    other.to_words()
    if not at_once:
        pair.ann.confirm()
    with pytest.raises(WrongMac):
        pair.ann.take(other.ben.confirm(), 4)
    assert (pair.ann.stage, pair.ann.reason) == (Stage.CANCELLED, "failed")


def test_our_own_confirmation_is_not_taken_for_the_other_sides() -> None:
    pair = Pair()
    pair.to_words()
    mine = pair.ann.confirm()
    with pytest.raises(WrongMac):
        pair.ann.take(mine, 4)


# Order, repetition, time ----------------------------------------------------------------------------------------------


def test_what_comes_again_changes_nothing() -> None:
    pair = Pair()
    _, accept, key, answer = pair.to_words()
    for side, step in ((pair.ann, accept), (pair.ben, key), (pair.ann, answer)):
        with pytest.raises(StepReplayed):
            side.take(step, 4)
    assert (pair.ann.stage, pair.ben.stage) == (Stage.WORDS, Stage.WORDS)
    pair.ben.take(pair.ann.confirm(), 5)
    pair.ann.take(pair.ben.confirm(), 5)
    assert (pair.ann.stage, pair.ben.stage) == (Stage.DONE, Stage.DONE)


def test_a_second_key_ends_it() -> None:
    pair = Pair()
    pair.to_words()
    with pytest.raises(StepOutOfOrder):
        pair.ben.take(Step("key", to_text(Ephemeral().public)), 4)
    assert pair.ben.stage is Stage.CANCELLED


DATA = to_text(bytes(range(32)))


@pytest.mark.parametrize("kind", ["start", "key", "mac"])
def test_who_asked_waits_for_a_promise_first(kind: StepKind) -> None:
    ann = Pair().ann
    with pytest.raises(StepOutOfOrder):
        ann.take(Step(kind, DATA), 1)
    assert ann.stage is Stage.CANCELLED


@pytest.mark.parametrize("kind", ["start", "accept", "key", "mac"])
def test_who_was_asked_takes_nothing_before_their_person_agrees(kind: StepKind) -> None:
    ben = Pair().ben
    with pytest.raises(StepOutOfOrder):
        ben.take(Step(kind, DATA), 1)
    assert ben.stage is Stage.CANCELLED


def test_nobody_confirms_or_accepts_out_of_turn() -> None:
    pair = Pair()
    for act in (pair.ann.confirm, pair.ann.accept, pair.ben.confirm, pair.ben.start):
        with pytest.raises(StepOutOfOrder):
            act()
    pair.to_words()
    for act in (pair.ann.start, pair.ben.accept):
        with pytest.raises(StepOutOfOrder):
            act()
    pair.ann.confirm()
    with pytest.raises(StepOutOfOrder):
        pair.ann.confirm()


def test_nothing_comes_of_it_when_it_is_over() -> None:
    pair = Pair()
    pair.to_words()
    pair.ben.cancel("differ")
    with pytest.raises(StepOutOfOrder):
        pair.ben.take(pair.ann.confirm(), 4)
    assert pair.ben.stage is Stage.CANCELLED
    with pytest.raises(StepOutOfOrder):
        pair.ben.confirm()


@pytest.mark.parametrize("data", ["", "x", DATA + "A", "é" * 43, "=" * 43])
@pytest.mark.parametrize("kind", ["accept", "cancel"])
def test_a_step_that_carries_nothing_right_ends_it(kind: StepKind, data: str) -> None:
    ann = Pair().ann
    with pytest.raises(MalformedStep):
        ann.take(Step(kind, data), 1)
    assert (ann.stage, ann.reason) == (Stage.CANCELLED, "failed")


def test_time_is_over_after_a_while() -> None:
    pair = Pair()
    accept = pair.ben.accept()
    assert not pair.ann.expired(LIFE - 1)
    assert pair.ann.expired(LIFE)
    with pytest.raises(ComparisonExpired):
        pair.ann.take(accept, LIFE)
    assert (pair.ann.stage, pair.ann.reason) == (Stage.CANCELLED, "expired")


def test_every_error_is_one_of_verification() -> None:
    assert {WrongCommitment, WrongMac, StepOutOfOrder, StepReplayed, MalformedStep, ComparisonExpired} <= set(
        VerificationError.__subclasses__()
    )
