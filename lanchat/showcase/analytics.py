"""The analytics of the tutorial's showcase: what happens, live, to everybody who looks on."""

import json
from typing import Any

from lanchat.layers import Message
from lanchat.metrics import Count, uncounted
from lanchat.showcase.lines import LineConsumer


class AnalyticsConsumer(LineConsumer):
    """One client of the analytics, on the layer `analytics`. A JSON event of type `page_view` is counted.

    Args:
        count: counts what happened.
        settings: as for every consumer.
    """

    channel_layer_alias = "analytics"
    groups = ("analytics",)
    message_type = "analytics_message"

    def __init__(self, *, count: Count = uncounted, **settings: Any) -> None:  # noqa: ANN401 - what the base takes
        super().__init__(**settings)
        self._count = count

    async def line(self, text: str) -> None:
        """Show an event to everybody."""
        if _is_page_view(text):
            self._count("page_views")
        await self.broadcast(f"📊 Analytics: {text}")

    def analytics_message(self, message: Message) -> None:
        """Show an event."""
        self.socket.send_text(message["message"])


def _is_page_view(text: str) -> bool:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(event, dict) and event.get("type") == "page_view"
