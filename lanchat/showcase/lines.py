"""The common part of the consumers of the showcase that exchange lines of text with a group."""

from typing import ClassVar

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.layers import LayerError

NOT_TEXT = "⚠️ Please send text."
"""The answer to a binary message."""


class LineConsumer(AsyncWebsocketConsumer, base=True):
    """One client in one group. Derive from it and override `line`; `groups` names the group.

    Empty lines are passed over, and a binary message is answered with a sentence.

    Attributes:
        message_type: type of the messages to the group, which names their handler.
    """

    message_type: ClassVar[str] = ""

    async def line(self, text: str) -> None:
        """Take one line of the client."""

    async def broadcast(self, text: str, *, to_me: bool = True) -> None:
        """Send a line to everybody in the group, with or without this client.

        Raises:
            LayerError: the layer cannot be reached, or there is none.
        """
        if self.channel_layer is None:
            raise LayerError(f"No layer is called {self.channel_layer_alias!r}.")
        message = {"type": self.message_type, "message": text}
        await self.channel_layer.group_send(self.groups[0], message, exclude=None if to_me else self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client."""
        if text_data is None:
            await self.send(NOT_TEXT)
        elif text_data.strip():
            await self.line(text_data)
