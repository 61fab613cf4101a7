"""The notifications of the tutorial's showcase: JSON to everybody who listens."""

from typing import Any

from lanchat.consumers import AsyncJsonWebsocketConsumer
from lanchat.layers import LayerError, Message

GROUP = "notifications"
"""The group of all listeners. Any program that reaches the layer may send `notification_message` with its `data`."""


class NotificationConsumer(AsyncJsonWebsocketConsumer):
    """One listener, on the layer `notifications`. What it sends as `{"message": "…"}` becomes a `user` notification."""

    channel_layer_alias = "notifications"
    groups = (GROUP,)

    async def connect(self) -> None:
        """Accept, and greet the newcomer; nobody else sees it."""
        await self.accept()
        await self.send_json({"type": "system", "message": "🔔 Connected to notifications!"})

    async def receive_json(self, content: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Notify everybody, and answer with the reason what is no notification."""
        match content:
            case {"message": str(text)} if text.strip():
                await self._notify(text)
            case _:
                await self.send_json({"error": 'A notification is an object with a "message".'})

    async def notification_message(self, message: Message) -> None:
        """Show a notification."""
        await self.send_json(message["data"])

    async def _notify(self, text: str) -> None:
        if self.channel_layer is None:
            raise LayerError(f"No layer is called {self.channel_layer_alias!r}.")
        data = {"type": "user", "message": f"🔔 Notification: {text}"}
        await self.channel_layer.group_send(GROUP, {"type": "notification_message", "data": data})
