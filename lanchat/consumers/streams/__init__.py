"""Live connections by plain HTTP: server-sent events, and long polling for WebSocket consumers."""

from lanchat.consumers.streams.event_stream import EventStreamConsumer
from lanchat.consumers.streams.long_polling import LongPolling

__all__ = ["EventStreamConsumer", "LongPolling"]
