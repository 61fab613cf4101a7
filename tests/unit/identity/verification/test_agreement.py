import pytest

from lanchat.errors import MalformedStep
from lanchat.identity import PersonKey
from lanchat.identity.verification.agreement import (
    WORD_COUNT,
    Agreement,
    Ephemeral,
    Parties,
    commitment,
    from_text,
    to_text,
)
from lanchat.identity.verification.words import WORDS

ANN, BEN, EVE = (PersonKey.new().id for _ in range(3))
PARTIES = Parties("r" * 32, "t" * 32, ANN, BEN)
LOW_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
]


def agreed(parties: Parties = PARTIES, other: Parties | None = None) -> tuple[Agreement, Agreement]:
    ann, ben = Ephemeral(), Ephemeral()
    return ann.agree(parties, ben.public, asked=False), ben.agree(other or parties, ann.public, asked=True)


def test_both_sides_have_the_same_words_and_macs() -> None:
    ann, ben = agreed()
    assert ann.words == ben.words
    assert len(ann.words) == WORD_COUNT
    assert set(ann.words) <= set(WORDS)
    assert ann.mac(ANN) == ben.mac(ANN)
    assert ann.mac(BEN) == ben.mac(BEN)
    assert ann.mac(ANN) != ann.mac(BEN)


def test_a_guess_is_one_of_more_than_four_billions_of_thousands() -> None:
    assert len(WORDS) ** WORD_COUNT >= 2**42


@pytest.mark.parametrize(
    "other",
    [
        PARTIES._replace(room="q" * 32),
        PARTIES._replace(transaction="u" * 32),
        PARTIES._replace(asker=EVE),
        PARTIES._replace(answerer=EVE),
        PARTIES._replace(asker=BEN, answerer=ANN),
    ],
)
def test_whoever_means_something_else_has_other_words(other: Parties) -> None:
    ann, ben = agreed(PARTIES, other)
    assert ann.words != ben.words
    assert ann.mac(ANN) != ben.mac(ANN)
    key = Ephemeral().public
    assert commitment(PARTIES, key) != commitment(other, key)


def test_fields_do_not_run_into_each_other() -> None:
    assert Parties("ab", "c", ANN, BEN).about("x") != Parties("a", "bc", ANN, BEN).about("x")
    assert PARTIES.about("x", b"y") != PARTIES.about("xy")


@pytest.mark.parametrize("key", [*LOW_ORDER, b"", b"short"])
def test_a_key_with_which_nothing_is_secret_is_refused(key: bytes) -> None:
    with pytest.raises(MalformedStep, match="key"):
        Ephemeral().agree(PARTIES, key, asked=True)


def test_what_a_frame_carries_has_one_form() -> None:
    data = bytes(range(224, 256))
    assert from_text(to_text(data)) == data
    for text in (
        "",
        "a",
        to_text(data)[:-1],
        to_text(data) + "=",
        to_text(data)[:-1] + "9",
        "é" * 43,
        "+" * 43,
        " " + to_text(data),
    ):
        with pytest.raises(MalformedStep):
            from_text(text)
