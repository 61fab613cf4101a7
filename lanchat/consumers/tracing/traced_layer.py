"""A layer whose messages carry the trace in which they are sent."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from lanchat.consumers.tracing.spans import KEY, carried, is_there, span
from lanchat.layers import BaseChannelLayer, Message

L = TypeVar("L", bound=BaseChannelLayer)


def trace_layer(layer: L) -> L:
    """Have what is sent through a layer be spans from now on, and carry where it comes from; return the same layer.

    Without OpenTelemetry, or outside of any trace that is recorded, messages stay as they are.
    """
    if is_there():
        for name in ("send", "group_send"):
            setattr(layer, name, _awaited(name, getattr(layer, name)))
            blocking = f"{name}_sync"
            setattr(layer, blocking, _called(name, getattr(layer, blocking)))
    return layer


def _awaited(name: str, send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    async def traced(destination: str, message: Message, **options: Any) -> None:  # noqa: ANN401 - those of the layer
        with span(f"{name} {destination}"[:100], "PRODUCER", {"messaging.destination.name": str(destination)}):
            await send(destination, _with_trace(message), **options)

    return traced


def _called(name: str, send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def traced(destination: str, message: Message, **options: Any) -> None:  # noqa: ANN401
        with span(f"{name} {destination}"[:100], "PRODUCER", {"messaging.destination.name": str(destination)}):
            send(destination, _with_trace(message), **options)

    return traced


def _with_trace(message: Message) -> Message:
    trace = carried()
    return {**message, KEY: trace} if trace and isinstance(message, dict) else message
