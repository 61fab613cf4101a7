"""Spans, and what a stranger may say of where a message comes from."""

from typing import Any

import pytest

from lanchat.consumers.tracing import spans
from tests.support.consumers.spans import Spans, recorded

__all__ = ["recorded"]

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_span_is_a_part_of_what_is_carried(recorded: Spans) -> None:
    with spans.span("inner", "CONSUMER", {"a": 1}, {"traceparent": PARENT, "other": "x"}):
        assert spans.carried()["traceparent"].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    (only,) = recorded()
    assert (only.name, only.kind.name, dict(only.attributes or {})) == ("inner", "CONSUMER", {"a": 1})
    assert only.parent is not None
    assert f"{only.parent.span_id:016x}" == "b7ad6b7169203331"


@pytest.mark.parametrize(
    "carrier",
    ["x", 7, [], {}, {"traceparent": 7}, {"traceparent": "00-zz"}, {"traceparent": PARENT + "x" * 600}, {7: PARENT}],
)
def test_nonsense_begins_a_trace_of_its_own(recorded: Spans, carrier: Any) -> None:
    with spans.span("inner", "CONSUMER", {}, carrier):
        pass
    (only,) = recorded()
    assert only.parent is None


def test_what_fails_is_recorded(recorded: Spans) -> None:
    with pytest.raises(RuntimeError, match="broken"), spans.span("inner", "SERVER", {}):
        raise RuntimeError("broken")
    (only,) = recorded()
    assert [event.name for event in only.events] == ["exception"]
    assert not only.status.is_ok


def test_nothing_is_carried_outside_of_a_trace() -> None:
    assert spans.carried() == {}
    assert spans.is_there()
