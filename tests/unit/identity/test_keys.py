"""The keys of people: what is signed with one stands under its id, and under no other."""

import pytest

from lanchat.identity.keys import PersonKey, guest_id, is_guest_id, is_key_id, verify

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


def test_a_guests_id_comes_from_a_secret_that_it_does_not_tell() -> None:
    assert guest_id("s3cret") == guest_id("s3cret") != guest_id("s3cret2")
    assert is_guest_id(guest_id("s3cret"))
    assert "s3cret" not in guest_id("s3cret")


@pytest.mark.parametrize("person", ["", "ada-ada-ada", "a" * 32, "g-" + "x" * 32, "g-" + "a" * 31])
def test_other_ids_are_neither(person: str) -> None:
    assert not is_key_id(person)
    assert not is_guest_id(person)
