"""Spans of what consumers do, for OpenTelemetry. `pip install 'lanchat[tracing]'`; without it nothing is traced."""

from lanchat.consumers.tracing.traced import Traced
from lanchat.consumers.tracing.traced_layer import trace_layer

__all__ = ["Traced", "trace_layer"]
