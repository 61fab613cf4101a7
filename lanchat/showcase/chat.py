"""The chat of the tutorial's showcase: one room for all, over pub/sub, kept nowhere."""

from lanchat.layers import Message
from lanchat.showcase.lines import LineConsumer


class ChatConsumer(LineConsumer):
    """One client of the showcase's chat, on the layer `chat`: who is away has missed what was said."""

    channel_layer_alias = "chat"
    groups = ("chat_room",)
    message_type = "chat_message"

    async def connect(self) -> None:
        """Accept, and tell everybody."""
        await self.accept()
        await self.say("📢 Someone joined the chat")

    async def line(self, text: str) -> None:
        """Say a line to everybody."""
        await self.say(f"💬 {text}")

    async def disconnect(self, code: int) -> None:
        """Tell those who stay."""
        await self.say("❌ Someone left the chat.", to_me=False)

    def chat_message(self, message: Message) -> None:
        """Show what was said, who came and who left."""
        self.socket.send_text(message["message"])
