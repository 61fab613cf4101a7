import pytest

from lanchat.rooms.quorum.voters import MOST, Configuration, Voters, better

TWO, THREE = Voters(("a", "b"), "a"), Voters(("a", "b", "c"), "a")


@pytest.mark.parametrize(
    ("voters", "those", "enough"),
    [(TWO, "a", True), (TWO, "b", False), (THREE, "a", False), (THREE, "bc", True), (THREE, "bx", False)],
)
def test_more_than_half_are_a_quorum_or_half_with_the_tie_breaker(voters: Voters, those: str, enough: bool) -> None:
    assert voters.agree(set(those)) is enough


def test_of_two_sets_both_have_to_agree() -> None:
    joint = Configuration(TWO, Voters(("b", "c"), "c"))
    assert joint.members == ("a", "b", "c")
    assert joint.without("b") == ["a", "c"]
    assert [joint.agree(set(those)) for those in ("a", "c", "ac", "ab", "bc", "abc")] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_the_highest_seq_is_what_enough_keep() -> None:
    assert Configuration(THREE).highest({"a": 9, "b": 5, "c": 2}) == 5
    assert Configuration(TWO).highest({"a": 9}) == 9
    assert Configuration(THREE).highest({"a": 9}) == 0


def test_the_home_chooses_five_of_those_who_are_there_and_breaks_ties() -> None:
    alone = Configuration.alone("a")
    assert better(alone, "a", "bcdefg") == Voters(("a", "b", "c", "d", "e"), "a")
    assert len(better(alone, "a", "bcdefg").members) == MOST  # type: ignore[union-attr]
    assert better(alone, "a", "") is None
    assert better(Configuration(TWO), "b", "a") == Voters(("b", "a"), "b")
    assert better(Configuration(TWO, THREE), "a", "bcd") is None
