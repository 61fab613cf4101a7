"""The tutorial's system messages: an echo without a layer."""

from lanchat.consumers import AsyncWebsocketConsumer


class SystemConsumer(AsyncWebsocketConsumer):
    """Greets, and sends every line back."""

    async def connect(self) -> None:
        """Accept and greet."""
        await self.accept()
        await self.send("🔧 System: Connection established!")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Echo a line of text; binary messages are answered with a sentence."""
        await self.send("🔧 System: Please send text." if text_data is None else f"🔧 System Echo: {text_data}")
