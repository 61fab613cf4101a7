import pytest

from lanchat.layers.history.page import HistoryPage, where
from lanchat.layers.history.position import Position


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        (None, (4, False, 0)),
        (Position("e", 7), (7, False, 0)),
        (Position("e", 9), (9, False, 0)),
        (Position("e", 4), (4, False, 0)),
        (Position("e", 2), (4, True, 2)),
        (Position("e", 10), (4, True, None)),
        (Position("f", 7), (4, True, None)),
    ],
)
def test_where_a_page_begins(since: Position | None, begins: tuple[int, bool, int | None]) -> None:
    assert where(since, "e", oldest=5, top=9) == begins


def test_an_empty_page_is_at_the_top() -> None:
    assert HistoryPage([], "e", 9).position == Position("e", 9)
