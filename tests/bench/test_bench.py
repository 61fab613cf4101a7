"""The benches do their work. How fast they find Lanchat to be is no matter here: a test on time fails by chance."""

import msgspec
import pytest

from tests.bench import crowd, fanout
from tests.bench.report import Report, as_markdown, as_table
from tests.bench.rows import BenchFailed, Row, against, plain


def test_fanout_measures_every_side() -> None:
    rows = fanout.measure(members=4, rounds=1, scale=0.02)
    assert [row.what for row in rows] == [
        f"4 members, {in_flight} in flight: {side}"
        for in_flight in (1, 8, 64)
        for side in ("raw asyncio", "Lanchat, protocol v1", "Lanchat, plain lines")
    ]
    assert all(row.value > 0 for row in rows)
    assert [row.target for row in rows] == ["", "1.8 x", "1.8 x", "", "0.6 x", "0.6 x", "", "0.25 x", "0.25 x"]
    assert [row.ratio is None for row in rows] == [row.ok is None for row in rows] == [True, False, False] * 3


def test_a_ratio_is_taken_within_each_run() -> None:
    row = against("b", "w", [2.0, 30.0, 5.0], "s", peer="p", peers=[1.0, 10.0, 5.0], most=1.5)
    assert (row.value, row.ratio, row.target, row.ok) == (5.0, 2.0, "1.5 x", False)


def test_a_figure_can_stand_for_itself() -> None:
    assert plain("b", "w", [3.0, 1.0, 2.0], "s", most=2).ok
    assert plain("b", "w", [3.0, 1.0, 2.0], "s").ok is None


def test_the_tables_show_every_row() -> None:
    rows = [
        Row(bench="b", what="w", value=1234.5, unit="s"),
        against("c", "v", [1.0], "s", peer="p", peers=[4.0], most=1),
    ]
    report = Report(machine="m", date="d", rows=rows)
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert [line.split()[0] for line in as_table(report).splitlines()] == ["bench", "b", "c"]
    assert as_markdown(report).splitlines()[-1] == "| c | v | 1 | s | 0.25 x | p | 1 x | yes |"


def test_a_crowd_reads_whole_frames_only() -> None:
    data = _sent(0) + _sent(1) + _sent(2)[:50]
    assert crowd.read(data) == ([0, 1], 2 * len(_sent(0)), False)


def test_a_crowd_sees_that_it_is_pinged() -> None:
    assert crowd.read(b"\x89\x00") == ([], 2, True)


@pytest.mark.parametrize("numbers", [(0, 2), (1, 0), (1, 1)], ids=["lost", "swapped", "doubled"])
def test_a_crowd_knows_a_wrong_order(numbers: tuple[int, int]) -> None:
    with pytest.raises(BenchFailed, match="order"):
        crowd.read(b"".join(map(_sent, numbers)))


def _sent(number: int) -> bytes:
    text = crowd.text(number).encode()
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text
