"""Who is called by `@`."""

import json
from typing import Any

import pytest

from lanchat.notify.mentions import MOST_SIGNS, Nicks
from lanchat.protocol import Author
from tests.support import places

CASES = json.loads((places.CASES / "mentions.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_cases_that_the_page_is_tested_with_too(case: dict[str, Any]) -> None:
    people = [Author(id=f"id of {nick}", nick=nick) for nick in case["nicks"]]
    assert Nicks(people).mentioned(case["text"]) == {f"id of {nick}" for nick in case["called"]}


def test_people_with_the_same_nick_are_all_called() -> None:
    people = [Author(id="one", nick="Ada"), Author(id="two", nick="ada"), Author(id="three", nick="Bob")]
    assert Nicks(people).mentioned("@ADA") == {"one", "two"}


def test_a_text_without_the_sign_looks_at_nobody() -> None:
    def nobody() -> Any:
        raise AssertionError("somebody was looked at")
        yield

    assert Nicks(nobody()).mentioned("Ada") == set()


def test_many_signs_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(self: Nicks, text: str, begin: int) -> set[str]:
        looked.append(begin)
        return set()

    monkeypatch.setattr(Nicks, "_mentioned_at", look)
    people = [Author(id=str(number), nick=f"Guest {number}") for number in range(1000)]
    assert Nicks(people).mentioned("@" * 4_000) == set()
    assert looked == []
    assert Nicks(people).mentioned("@g " * 1_000) == set()
    assert len(looked) == MOST_SIGNS


def test_people_are_looked_at_once_for_many_texts() -> None:
    people = iter([Author(id="one", nick="Ada")])
    nicks = Nicks(people)
    assert [nicks.mentioned("@ada"), nicks.mentioned("Ada"), nicks.mentioned("@Ada!")] == [{"one"}, set(), {"one"}]
