import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.protocol.cursor import Admission, Cursor
from tests.support import places

CASES = json.loads((places.CASES / "cursor.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_cases_that_the_page_is_tested_with_too(case: dict[str, Any]) -> None:
    cursor = Cursor(case["seq"])
    for step in case["steps"]:
        assert cursor.admit(step["first"], step["last"]) is Admission(step["admission"]), step
        assert cursor.seq == step["seq"], step


def test_a_new_cursor_has_handled_nothing() -> None:
    assert Cursor().seq == 0


def test_one_event_is_a_run_of_one() -> None:
    cursor = Cursor(4)
    assert [cursor.admit(5), cursor.admit(5), cursor.admit(7)] == [Admission.NEXT, Admission.SEEN, Admission.HOLE]


@given(start=st.integers(0, 5), runs=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=60))
def test_whatever_arrives_every_seq_is_handled_once_and_in_order(start: int, runs: list[tuple[int, int]]) -> None:
    cursor, handled = Cursor(start), list(range(1, start + 1))
    for first, more in runs:
        before, last = cursor.seq, first + more
        admission = cursor.admit(first, last)
        if admission is Admission.NEXT:
            handled += [seq for seq in range(first, last + 1) if seq > before]
        else:
            assert cursor.seq == before
            assert (admission is Admission.SEEN) == (last <= before)
    assert handled == list(range(1, cursor.seq + 1))
