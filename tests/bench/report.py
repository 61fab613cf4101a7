"""The figures of one run, as a table for the terminal and as one for docs/benchmarks.md."""

from collections.abc import Iterable

import msgspec

from tests.bench.rows import Row

_HEADS = ("bench", "what", "figure", "unit", "ratio", "compared with", "target", "")


class Report(msgspec.Struct, frozen=True):
    """What one run has measured, on which machine, on which day."""

    machine: str
    date: str
    rows: list[Row]


def as_table(report: Report) -> str:
    """Return the table in columns."""
    lines = [_HEADS, *map(_cells, report.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    return "\n".join(
        ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    )


def as_markdown(report: Report) -> str:
    """Return the table in Markdown, with the machine and the day above it."""
    heads = (*_HEADS[:-1], "reached")
    lines = [heads, ["---"] * len(heads), *map(_cells, report.rows)]
    return "\n".join([f"{report.machine}; {report.date}.", "", *map(_line, lines)])


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} x"
    verdict = {None: "", True: "yes", False: "NO"}[row.ok]
    return (row.bench, row.what, _figure(row.value), row.unit, ratio, row.peer, row.target, verdict)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
