"""The tutorial's room chat on Django Channels and uvicorn: run as `python -m tests.bench.peers.channels_room`."""

import asyncio

import django  # type: ignore[import-untyped]
from channels.generic.websocket import AsyncWebsocketConsumer  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]

from tests.bench.peers.asgi import in_room, serve
from tests.bench.room_chat import room_chat

if __name__ == "__main__":
    settings.configure(CHANNEL_LAYERS={"chat": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
    django.setup()
    asyncio.run(serve(in_room(room_chat(AsyncWebsocketConsumer).as_asgi(), "bench")))
