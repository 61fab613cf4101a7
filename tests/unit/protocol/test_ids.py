"""The forms of ids: who has which cannot be mistaken."""

import pytest

from lanchat.protocol.ids import (
    guest_id,
    is_guest_id,
    is_guest_secret_of,
    is_key_id,
    travelling_secret,
    unverified_id,
)


def test_a_guests_id_comes_from_a_secret_that_it_does_not_tell() -> None:
    assert guest_id("s3cret") == guest_id("s3cret") != guest_id("s3cret2")
    assert is_guest_id(guest_id("s3cret"))
    assert "s3cret" not in guest_id("s3cret")


@pytest.mark.parametrize("person", ["", "ada-ada-ada", "a" * 32, "g-" + "x" * 32, "g-" + "a" * 31])
def test_other_ids_are_neither(person: str) -> None:
    assert not is_key_id(person)
    assert not is_guest_id(person)


@pytest.mark.parametrize("person", ["a" * 43, guest_id("s3cret"), "ada-ada-ada", "", "\ud800"])
def test_what_nobody_can_know_stands_under_an_id_of_its_own(person: str) -> None:
    unknown = unverified_id(person)
    assert unknown == unverified_id(person) != unverified_id(person + "a")
    assert not is_key_id(unknown)
    assert not is_guest_id(unknown)


def test_the_secret_for_other_nodes_names_the_first_one_and_does_not_tell_the_seed() -> None:
    secret = travelling_secret("a" * 32, "s3ed")
    assert secret == travelling_secret("a" * 32, "s3ed") != travelling_secret("b" * 32, "s3ed")
    assert "s3ed" not in secret
    assert len(secret) == 97
    assert is_guest_secret_of("a" * 32, secret)
    assert not is_guest_secret_of("b" * 32, secret)
    assert guest_id(secret) != guest_id("s3ed")
