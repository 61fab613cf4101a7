"""The room chat that every reader of the Fast Channels tutorial writes, on whichever library's base class."""

from typing import Any


def room_chat(base: Any) -> Any:
    """Return the consumer, derived from the AsyncWebsocketConsumer `base`."""

    class RoomChatConsumer(base):  # type: ignore[misc]
        channel_layer_alias = "chat"

        async def connect(self) -> None:
            self.room = self.scope["path_params"]["room_name"]
            self.group = f"room_{self.room}"
            await self.accept()
            await self.channel_layer.group_add(self.group, self.channel_name)
            await self.say(f"🚪 Someone joined room '{self.room}'")

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            await self.say(f"💬 {text_data}")

        async def disconnect(self, code: int) -> None:
            await self.channel_layer.group_discard(self.group, self.channel_name)
            await self.say(f"👋 Someone left room '{self.room}'")

        async def room_message(self, event: dict[str, Any]) -> None:
            await self.send(event["message"])

        async def say(self, line: str) -> None:
            await self.channel_layer.group_send(self.group, {"type": "room_message", "message": line})

    return RoomChatConsumer
