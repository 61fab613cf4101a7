"""The tutorial's room chat on Fast Channels and uvicorn.

Run as `python -m tests.bench.peers.fast_channels_room LAYER [URL]`, where LAYER is memory, pubsub or queue.
"""

import asyncio
import sys

from fast_channels.consumer.websocket import AsyncWebsocketConsumer
from fast_channels.layers import InMemoryChannelLayer, register_channel_layer
from fast_channels.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

from tests.bench.peers.asgi import in_room, serve
from tests.bench.room_chat import room_chat


async def main(layer: str, *hosts: str) -> None:
    if layer == "memory":
        register_channel_layer("chat", InMemoryChannelLayer())
    elif layer == "pubsub":
        register_channel_layer("chat", RedisPubSubChannelLayer(hosts=list(hosts)))
    else:
        register_channel_layer("chat", RedisChannelLayer(hosts=list(hosts)))
    await serve(in_room(room_chat(AsyncWebsocketConsumer).as_asgi(), "bench"))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
