"""The keys of people: what is signed with one stands under its id, and under no other."""

import pytest

from lanchat.identity.keys import PersonKey, verify
from lanchat.protocol import is_key_id

WORDS = b"what was said"


def test_the_id_is_the_key_and_checks_what_it_signed() -> None:
    key = PersonKey.new()
    assert is_key_id(key.id)
    assert verify(key.id, WORDS, key.sign(WORDS))


@pytest.mark.parametrize(
    "change",
    [
        lambda key, other, signed: (other.id, WORDS, signed),
        lambda key, other, signed: (key.id, WORDS + b".", signed),
        lambda key, other, signed: (key.id, WORDS, other.sign(WORDS)),
        lambda key, other, signed: (key.id, WORDS, ""),
        lambda key, other, signed: (key.id, WORDS, signed[:-1]),
        lambda key, other, signed: (key.id, WORDS, "é" * 86),
        lambda key, other, signed: (key.id[:-1], WORDS, signed),
        lambda key, other, signed: ("-" * 43, WORDS, signed),
        lambda key, other, signed: ("", WORDS, signed),
    ],
    ids=[
        "another's id",
        "other words",
        "another's signature",
        "none",
        "cut off",
        "no letters",
        "short",
        "junk",
        "empty",
    ],
)
def test_nothing_else_stands_under_it(change: object) -> None:
    key, other = PersonKey.new(), PersonKey.new()
    assert callable(change)
    assert not verify(*change(key, other, key.sign(WORDS)))


def test_two_people_have_two_keys() -> None:
    assert PersonKey.new().id != PersonKey.new().id
