"""What holds after each event; what each rule does is in test_policy.py."""

from lanchat.protocol import Policy, Rule, followed
from lanchat.protocol.policy import fold
from tests.support.identity import key
from tests.support.rooms.doors import said
from tests.support.rooms.words import Chain

CHAIN = Chain(key(1))
FIRST, SECOND, _ = CHAIN.rooms
OWNER = CHAIN.author.id


def test_what_is_said_twice_holds_once() -> None:
    rule = said(Rule(change="locked"), 1, OWNER)
    assert [each for _, _, each in followed(OWNER, [rule, rule])] == [Rule(change="locked"), None]
    assert fold(OWNER, []) == Policy(OWNER)


def test_a_room_goes_on_as_one_other_and_the_first_word_counts() -> None:
    word = CHAIN.word(SECOND, FIRST)
    assert fold(OWNER, [word]).heir == word
    second = CHAIN.word(SECOND, "0" * 32)
    assert fold(OWNER, [word, said(Rule(change="topic", text="tea"), 2, OWNER), second]).heir == word
    assert fold(Chain(key(2)).author.id, [word]).heir is None, "nobody's but the owner's"
    assert fold(OWNER, [CHAIN.word(SECOND, "f" * 32)]).heir is None, "never as one with a greater id"


def test_words_of_other_rooms_change_nothing_here_but_which_rooms_are_part_of_this() -> None:
    """Not even where both have one owner."""
    word = CHAIN.word(SECOND, FIRST, standing=FIRST)
    policy = fold(OWNER, [word])
    assert (policy.heir, dict(policy.united)) == (None, {SECOND: word})
    assert policy.harmless
    assert not fold(OWNER, [CHAIN.word(SECOND, "0" * 32, standing=FIRST)]).united


def test_what_keeps_somebody_from_something_is_no_harmless_policy() -> None:
    for rule in (
        Rule(change="door", door="invite"),
        Rule(change="listed", on=False),
        Rule(change="guests", guests="read"),
        Rule(change="slow", seconds=5),
        Rule(change="locked"),
        Rule(change="ban", person="x"),
        Rule(change="mute", person="x"),
        Rule(change="hide", person="x"),
        Rule(change="moderator", person=Chain(key(2)).author.id),
    ):
        assert not fold(OWNER, [said(rule, 1, OWNER)]).harmless
    assert fold(OWNER, [said(Rule(change="topic", text="tea"), 1, OWNER)]).harmless
