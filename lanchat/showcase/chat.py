"""The chat of the tutorial's showcase: one room for all, over pub/sub, kept nowhere."""

from lanchat.layers import Message
from lanchat.showcase.lines import LineConsumer


class ChatConsumer(LineConsumer):
    """One client of the showcase's chat, on the layer `chat`: who is away misses what is sent."""

    channel_layer_alias = "chat"
    groups = ("chat_room",)
    message_type = "chat_message"

    async def connect(self) -> None:
        """Accept, and let everybody know."""
        await self.accept()
        await self.broadcast("📢 Someone joined the chat")

    async def line(self, text: str) -> None:
        """Send a line to everybody."""
        await self.broadcast(f"💬 {text}")

    async def disconnect(self, code: int) -> None:
        """Let those who stay know."""
        await self.broadcast("❌ Someone left the chat.", to_me=False)

    def chat_message(self, message: Message) -> None:
        """Show what was sent, who came and who left."""
        self.socket.send_text(message["message"])
