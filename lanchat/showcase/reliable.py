"""The reliable chat of the tutorial's showcase: the same on a queue."""

from lanchat.layers import Message
from lanchat.showcase.lines import LineConsumer


class ReliableChatConsumer(LineConsumer):
    """One client of the reliable chat, on the layer `queue`.

    What a queue promises: a line waits, for up to fifteen minutes, for a process that is busy, or that has lost its
    server for a moment and comes back, and each member gets it at most once, in order. What it does not promise: a
    history. Who is not connected when a line is said does not get it later, and one for whom a thousand lines wait
    already misses the next, which is counted. What must never be lost is said in a room, which a journal keeps.
    """

    channel_layer_alias = "queue"
    groups = ("reliable_chat",)
    message_type = "reliable_chat_message"

    async def connect(self) -> None:
        """Accept, and greet the newcomer; nobody else sees it."""
        await self.accept()
        await self.send("🔒 Reliable chat connection established!")

    async def line(self, text: str) -> None:
        """Send a line to everybody."""
        await self.broadcast(f"📨 {text}")

    async def disconnect(self, code: int) -> None:
        """Let those who stay know."""
        await self.broadcast("🚪 Left reliable chat!", to_me=False)

    def reliable_chat_message(self, message: Message) -> None:
        """Show what was sent and who left."""
        self.socket.send_text(message["message"])
