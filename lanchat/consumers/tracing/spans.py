"""The way to OpenTelemetry, which may not be installed (https://opentelemetry.io/docs/specs/semconv/messaging/)."""

import contextlib
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

KEY = "__asgi_trace__"
"""The key under which a message carries where it comes from, as W3C Trace Context names it."""

_NAME = "lanchat.consumers"
_CARRIED = ("traceparent", "tracestate")
_LONGEST = 512

_api: ModuleType | None
_propagate: ModuleType | None
try:
    from opentelemetry import propagate as _propagate
    from opentelemetry import trace as _api
except ModuleNotFoundError:
    _api = _propagate = None


def is_there() -> bool:
    """Return whether there is anything to trace with."""
    return _api is not None


@contextlib.contextmanager
def span(name: str, kind: str, attributes: Mapping[str, Any], carrier: object = None) -> Iterator[None]:
    """Record what happens in the block; what it raises as well, but for what only ends a consumer.

    Args:
        name: of the span.
        kind: of the span: SERVER, CONSUMER or PRODUCER.
        attributes: what else is known.
        carrier: what a message said of where it comes from; a stranger may have written it.
    """
    if _api is None or _propagate is None:
        yield
        return
    context = _propagate.extract(_checked(carrier)) if carrier is not None else None
    tracer = _api.get_tracer(_NAME)
    with tracer.start_as_current_span(
        name, context=context, kind=_api.SpanKind[kind], attributes=attributes, record_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.record_exception(error)
            raise


def carried() -> dict[str, str]:
    """Return what a message has to carry of the current span; nothing when there is none."""
    found: dict[str, str] = {}
    if _propagate is not None:
        _propagate.inject(found)
    return {key: value for key, value in found.items() if key in _CARRIED}


def _checked(carrier: object) -> dict[str, str]:
    if not isinstance(carrier, dict):
        return {}
    found = {key: carrier.get(key) for key in _CARRIED}
    return {key: value for key, value in found.items() if isinstance(value, str) and len(value) <= _LONGEST}
