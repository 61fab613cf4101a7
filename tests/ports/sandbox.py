# mypy: ignore-errors
"""The sandbox of Fast Channels: its consumers, its worker and its sender, which run in processes of their own.

`python -m tests.ports.sandbox work KIND REDIS CHANNEL JOB CONTENT` is what the worker does with one job, and
`python -m tests.ports.sandbox send KIND REDIS` is the sender.
"""

import asyncio
import json
import sys

from asgiref.sync import async_to_sync, sync_to_async

from lanchat.consumers import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from lanchat.layers import get_channel_layer, register_channel_layer
from tests.ports.layers import layer

ALIASES = ("chat", "reliable", "notifications", "analytics")


def set_up(kind, redis):
    """Register a layer for each part, under a prefix of its own."""
    for alias in ALIASES:
        register_channel_layer(alias, layer(kind, redis, prefix=alias, capacity=1000))


class SystemChat(AsyncWebsocketConsumer):
    channel_layer_alias = None

    async def connect(self):
        await self.accept()
        await self.send("🔧 System: connected")

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        await self.send(f"🔧 Echo: {text_data}")


class RoomChat(AsyncWebsocketConsumer):
    channel_layer_alias = "chat"

    async def connect(self):
        self.room = self.scope["path_params"]["room_name"]
        self.group = f"room_{self.room}"
        await self.accept()
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.tell("🚪 Somebody came")

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.group, self.channel_name)
        await self.tell("👋 Somebody left")

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        await self.tell(f"💬 {text_data}")

    async def tell(self, text):
        await self.channel_layer.group_send(self.group, {"type": "room_message", "message": text})

    async def room_message(self, event):
        await self.send(event["message"])


class Announced(AsyncWebsocketConsumer):
    """One group for everybody, named by the class: a chat, or a chat whose messages wait."""

    async def connect(self):
        await self.accept()
        await self.channel_layer.send(self.channel_name, {"type": "announced", "message": "in"})

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        await self.channel_layer.group_send(self.groups[0], {"type": "announced", "message": text_data})

    async def announced(self, event):
        await self.send(event["message"])


class Chat(Announced):
    channel_layer_alias = "chat"
    groups = ["chat_room"]


class ReliableChat(Announced):
    channel_layer_alias = "reliable"
    groups = ["reliable_chat"]


class Analytics(Announced):
    channel_layer_alias = "analytics"
    groups = ["analytics"]


class SandboxNotifications(AsyncJsonWebsocketConsumer):
    channel_layer_alias = "notifications"
    groups = ["notifications"]

    async def receive_json(self, content, **kwargs):
        await self.channel_layer.group_send("notifications", {"type": "notification_message", "data": content})

    async def notification_message(self, event):
        await self.send_json(event["data"])


class BackgroundJobs(AsyncJsonWebsocketConsumer):
    """Queues what it is asked for, and hands on what the worker sends to this connection's channel."""

    channel_layer_alias = "chat"

    def __init__(self, queue, **settings):
        super().__init__(**settings)
        self.queue = queue

    async def connect(self):
        await self.accept()
        await self.send_json({"status": "connected"})

    async def receive_json(self, content, **kwargs):
        kind = content.get("type", "default")
        await self.send_json({"status": "queuing", "message": f"{kind}: {content['content']}"})
        await self.queue(self.channel_name, kind, content["content"])
        await self.send_json({"status": "queued"})

    async def job_result(self, event):
        await self.send_json({"type": "job_result", "message": event["message"]})


JOBS = {
    "translate": lambda content: {"hello": "hola", "world": "mundo"}.get(content, content),
    "analyze": lambda content: json.dumps({"words": len(content.split()), "letters": len(content)}),
    "default": str.upper,
}


def work(channel, kind, content):
    """Do one job, as the worker does, which has no event loop."""
    result = JOBS.get(kind, JOBS["default"])(content)
    send = async_to_sync(get_channel_layer("chat").send)
    send(channel, {"type": "job_result", "message": result})


async def send():
    """Say something to every part from outside."""
    events = {
        "chat": ("chat_room", {"type": "announced", "message": "📢 from outside"}),
        "reliable": ("reliable_chat", {"type": "announced", "message": "🔒 maintenance"}),
        "notifications": ("notifications", {"type": "notification_message", "data": {"type": "system", "level": 9}}),
    }
    for alias, (group, event) in events.items():
        await get_channel_layer(alias).group_send(group, event)
    for what in ("user_login:ada", "page_view:/", "error:timeout"):
        await get_channel_layer("analytics").group_send("analytics", {"type": "announced", "message": f"📊 {what}"})


async def work_here(channel, kind, content):
    """Do a job in a thread of this process: what is left of a worker where there is only one process."""
    asyncio.get_running_loop().create_task(sync_to_async(work)(channel, kind, content))


if __name__ == "__main__":
    role, kind, redis, *rest = sys.argv[1:]
    set_up(kind, redis)
    if role == "work":
        work(*rest)
    else:
        asyncio.run(send())
