"""What a bench gives: rows, each a figure with what it is measured against."""

import math
import statistics
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec


class BenchFailed(Exception):
    """The bench could not measure, or what it measured did not do its work right."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure.

    Attributes:
        bench: name of the bench.
        what: what was measured, in words.
        value: the figure, the median of all runs; None when it could not be measured.
        unit: its unit.
        peer: what it is compared with in the same run; empty when there is nothing to compare with.
        ratio: the figure divided by the peer's, the median over the runs; None without a peer.
        target: what is to be reached, as `1.8 x` (of the ratio) or `60 ms` (of the value); empty when nothing is.
        ok: whether it was reached; None without a target.
    """

    bench: str
    what: str
    value: float | None
    unit: str
    peer: str = ""
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None


Part = tuple[str, Callable[[], Iterable[Row]]]
"""What is measured by itself, in words, and what measures it. BenchFailed says why it could not."""


def against(
    bench: str,
    what: str,
    values: Sequence[float],
    unit: str,
    *,
    peer: str,
    peers: Sequence[float],
    most: float | None = None,
    least: float | None = None,
) -> Row:
    """Make the row of a figure with its ratio to a peer that was measured in the same runs.

    Args:
        bench: name of the bench.
        what: what was measured.
        values: the figure of each run.
        unit: its unit.
        peer: what it is compared with.
        peers: the peer's figure of each run.
        most: the greatest ratio that reaches the target; None when there is no target.
        least: the smallest one that does, where more is better.
    """
    ratio = statistics.median(value / other for value, other in zip(values, peers, strict=True))
    return Row(
        bench=bench,
        what=what,
        value=statistics.median(values),
        unit=unit,
        peer=peer,
        ratio=ratio,
        target=_target(most, least),
        ok=None if most is None and least is None else (least or 0) <= ratio <= (most or math.inf),
    )


def plain(
    bench: str,
    what: str,
    values: Sequence[float],
    unit: str,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Row:
    """Make the row of a figure that stands for itself; its median is to be at most `most`, or at least `least`."""
    value = statistics.median(values)
    target, ok = "", None
    if most is not None:
        target, ok = f"{most:g} {unit}", value <= most
    elif least is not None:
        target, ok = f"≥ {least:,} {unit}", value >= least
    return Row(bench=bench, what=what, value=value, unit=unit, target=target, ok=ok)


def missing(bench: str, what: str, why: str) -> Row:
    """Make the row of a figure that could not be had, with the reason."""
    return Row(bench=bench, what=f"{what}: {why}", value=None, unit="")


def failed(bench: str, what: str, error: Exception) -> Row:
    """Make the row of a part of a bench that failed, which is a target that was missed, with the reason."""
    why = str(error) or type(error).__name__
    return Row(bench=bench, what=f"{what}: {why}", value=None, unit="", ok=False)


def each_by_itself(bench: str, parts: Iterable[Part]) -> Iterator[Row]:
    """Measure the parts of a bench one after the other. Whatever one raises, the others are measured all the same.

    Args:
        bench: its name.
        parts: what is measured, in words, and what measures it and gives the rows.
    """
    for what, measure in parts:
        try:
            yield from measure()
        except Exception as error:  # noqa: BLE001 - the others are still to be measured
            if not isinstance(error, BenchFailed):
                traceback.print_exception(error)
            yield failed(bench, what, error)


def _target(most: float | None, least: float | None) -> str:
    if least is not None:
        return f"≥ {least:g} x"
    return "" if most is None else f"{most:g} x"
