import json
from typing import Any

import pytest

from lanchat.identity import Crowd, crowd
from lanchat.protocol import Author
from tests.laws.sources import ROOT

CASES = json.loads((ROOT / "tests" / "cases" / "crowd.json").read_text("utf-8"))["crowds"]
ANA = Author(id="a" * 43, nick="Ana")


def guest(number: int, nick: str = "Ana") -> Author:
    return Author(id=f"g-{number:032x}", nick=nick)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases(case: dict[str, Any]) -> None:
    people = [Author(id=person, nick=nick) for person, nick in case["seen"]]
    seen = Crowd(case["known"])
    for person in people:
        seen.see(person)
    assert [list(seen.label(person)) for person in people] == case["shown"]


def test_a_label_is_one_line() -> None:
    assert str(Crowd().label(ANA)) == "Ana"
    seen = Crowd()
    seen.see(ANA)
    assert str(seen.label(guest(0xABCD << 112))) == "Ana ·abcd (guest)"


def test_who_was_not_seen_is_shown_beside_those_who_were() -> None:
    seen = Crowd()
    seen.see(ANA)
    assert seen.label(Author(id="b" * 43, nick="ana")).tail == "bbbb"


def test_somebody_of_whom_only_the_id_is_known_is_called_as_they_were_last() -> None:
    seen = Crowd()
    assert seen.named(ANA.id) == "·aaaaaaaa"
    seen.see(ANA)
    seen.see(Author(id=ANA.id, nick="Anna"))
    seen.see(guest(0xABCD << 112))
    assert seen.named(ANA.id) == "Anna"
    assert seen.named(f"g-{0xABCD << 112:032x}") == "Ana ·abcd (guest)"
    assert seen.named("g-" + "4f2c" * 8) == "·4f2c4f2c"


def test_the_oldest_names_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MOST_NAMES", 10)
    seen = Crowd()
    other = Author(id="b" * 43, nick="Ana")
    seen.see(other)
    assert seen.label(ANA).tail == "aaaa"
    for number in range(10):
        seen.see(guest(number, f"Guest {number}"))
    assert seen.label(ANA).tail == ""
    assert len(seen._seen) == len(seen._bearers) == 10
    seen.see(guest(9, "Guest 9"))
    assert len(seen._seen) == 10


def test_thousands_of_one_name_are_not_compared_with_each_other() -> None:
    seen = Crowd()
    for number in range(1_000):
        seen.see(guest(number << 96))
    assert seen.label(guest(7 << 96)).tail == "00000007"
    assert seen.label(ANA).tail == ""
