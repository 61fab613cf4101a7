"""Who is called by `@`."""

import json
from typing import Any

import pytest

from lanchat.notify import mentions
from lanchat.notify.mentions import MOST_SIGNS, mentioned
from lanchat.protocol import Author
from tests.support import places

CASES = json.loads((places.CASES / "mentions.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_cases_that_the_page_is_tested_with_too(case: dict[str, Any]) -> None:
    people = [Author(id=f"id of {nick}", nick=nick) for nick in case["nicks"]]
    assert mentioned(case["text"], people) == {f"id of {nick}" for nick in case["called"]}


def test_people_with_the_same_nick_are_all_called() -> None:
    people = [Author(id="one", nick="Ada"), Author(id="two", nick="ada"), Author(id="three", nick="Bob")]
    assert mentioned("@ADA", people) == {"one", "two"}


def test_a_text_without_the_sign_looks_at_nobody() -> None:
    def nobody() -> Any:
        raise AssertionError("somebody was looked at")
        yield

    assert mentioned("Ada", nobody()) == set()


def test_many_signs_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(text: str, begin: int, *_: object) -> set[str]:
        looked.append(begin)
        return set()

    monkeypatch.setattr(mentions, "_mentioned_at", look)
    people = [Author(id=str(number), nick=f"Guest {number}") for number in range(1000)]
    assert mentioned("@" * 4_000, people) == set()
    assert looked == []
    assert mentioned("@g " * 1_000, people) == set()
    assert len(looked) == MOST_SIGNS
