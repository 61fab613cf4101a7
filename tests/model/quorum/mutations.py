"""The rules of numbering in a quorum, each taken out by a small patch that is named after the rule."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lanchat.rooms.quorum import ledger, voter
from lanchat.rooms.quorum.effects import Acknowledged, Effect, Keep, Resume, Store
from lanchat.rooms.quorum.messages import Ask
from lanchat.rooms.quorum.voter import Voter
from lanchat.rooms.quorum.voters import Configuration, Stance, Voters
from tests.model.quorum.world import Disk, Node, World

Patch = pytest.MonkeyPatch
MUTATIONS: dict[str, Callable[[Patch], None]] = {}
"""What takes a rule out, by the rule."""


def mutation(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Put a mutation on the list."""
    MUTATIONS[patch.__name__] = patch
    return patch


@mutation
def half_of_the_voters_are_enough(patch: Patch) -> None:
    patch.setattr(Voters, "agree", lambda self, those: 2 * sum(m in those for m in self.members) >= len(self.members))


@mutation
def every_home_breaks_the_tie(patch: Patch) -> None:
    agree = Configuration.agree

    def whoever_asks(self: Configuration, those: Any) -> bool:
        return agree(self, those) or (2 * len(set(those)) >= len(self.members) and min(those, default="") != "")

    patch.setattr(Configuration, "agree", whoever_asks)


@mutation
def voters_change_without_both_sets(patch: Patch) -> None:
    patch.setattr(Configuration, "agree", lambda self, those: (self.joint or self.voters).agree(those))


@mutation
def whoever_has_less_is_elected(patch: Patch) -> None:
    question = Voter._take_question

    def of_anybody(self: Voter, sender: str, asked: Ask, now: float) -> list[Effect]:
        return question(self, sender, msgspec.structs.replace(asked, of=10**9), now)

    patch.setattr(Voter, "_take_question", of_anybody)


@mutation
def somebody_votes_twice(patch: Patch) -> None:
    question = Voter._take_question

    def forgetful(self: Voter, sender: str, asked: Ask, now: float) -> list[Effect]:
        if not asked.trial and self.standing is not Stance.HOME:
            self.ballot = ledger.Ballot(self.ballot.term)
        return question(self, sender, asked, now)

    patch.setattr(Voter, "_take_question", forgetful)


@mutation
def votes_are_not_kept(patch: Patch) -> None:
    _without(patch, Keep)


@mutation
def a_voter_answers_before_it_has_kept(patch: Patch) -> None:
    def carry_out(self: Node, effect: Effect, ours: Any = Node._carry_out) -> None:
        if isinstance(effect, Store):
            self.world.later(0.5, lambda: ours(self, effect) if self.voter is not None else None)
        else:
            ours(self, effect)

    patch.setattr(Node, "_carry_out", carry_out)


@mutation
def a_home_that_comes_back_goes_on_whoever_else_was_elected(patch: Patch) -> None:
    def start(self: Voter, now: float) -> list[Effect]:
        if self.ledger.term and self.ledger.term == self.ballot.term:
            self._be_home(now, self.ledger.first_of_term(self.ledger.top))
            return [Resume(self.ballot.term)]
        return self._stand(now, handed=False) if self.ledger.configuration.agree([self.me]) else []

    patch.setattr(Voter, "start", start)


@mutation
def what_is_numbered_waits_no_more(patch: Patch) -> None:
    append = Node._append

    def forgetful(self: Node, nonce: str, configuration: Any = None) -> None:
        self.disk.outbox.pop(nonce, None)
        append(self, nonce, configuration)

    patch.setattr(Node, "_append", forgetful)


@mutation
def a_repeated_nonce_is_numbered(patch: Patch) -> None:
    patch.setattr(Disk, "knows", lambda self, nonce: False)


@mutation
def a_home_shows_what_only_it_has(patch: Patch) -> None:
    def kept(self: Voter, entries: Any, now: float, ours: Any = Voter.kept) -> list[Effect]:
        effects: list[Effect] = ours(self, entries, now)
        return [*effects, Acknowledged(self.ledger.top)] if self.standing is Stance.HOME else effects

    patch.setattr(Voter, "kept", kept)


@mutation
def what_is_in_the_way_stays(patch: Patch) -> None:
    def adopt(self: Voter, entries: Any, ours: Any = Voter._adopt) -> list[Effect]:
        return ours(self, tuple(entry for entry in entries if entry.seq > self.ledger.top))  # type: ignore[no-any-return]

    patch.setattr(Voter, "_adopt", adopt)
    patch.setattr(voter, "check", lambda *_: None)


@mutation
def who_lost_something_votes_under_the_same_id(patch: Patch) -> None:
    patch.setattr(Node, "forget_promises", lambda self: None)


@mutation
def a_branch_of_a_branch_begins_where_it_parted_last(patch: Patch) -> None:
    patch.setattr(Node, "first_of", lambda self, new, known: new or known)


@mutation
def what_was_said_apart_is_dropped(patch: Patch) -> None:
    patch.setattr(Node, "waiting", lambda self, apart: dict(self.disk.outbox))


@mutation
def what_was_said_apart_waits_behind_what_was_said_later(patch: Patch) -> None:
    patch.setattr(Node, "waiting", lambda self, apart: dict.fromkeys([*self.disk.outbox, *apart]))


@mutation
def of_two_homes_of_one_term_neither_gives_way(patch: Patch) -> None:
    patch.setattr(World, "stays", lambda self, home, other, numbers: home[0] > other[0])


@mutation
def a_home_whose_voters_went_elsewhere_gives_way_to_no_equal_term(patch: Patch) -> None:
    patch.setattr(World, "stays", lambda self, home, other, numbers: (home[0], other[1]) > (other[0], home[1]))


def _without(patch: Patch, kind: type[Effect]) -> None:
    def carry_out(self: Node, effect: Effect, ours: Any = Node._carry_out) -> None:
        if not isinstance(effect, kind):
            ours(self, effect)

    patch.setattr(Node, "_carry_out", carry_out)
