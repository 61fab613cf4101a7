"""The tutorial's room chat on Lanchat's consumers and aiohttp: run as `python -m tests.bench.tutorial`."""

import asyncio

from aiohttp import web

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.layers import InMemoryChannelLayer, register_channel_layer
from tests.bench.room_chat import room_chat
from tests.bench.served import stay


async def main() -> None:
    register_channel_layer("chat", InMemoryChannelLayer())
    app = web.Application()
    app.router.add_get("/room/{room_name}", room_chat(AsyncWebsocketConsumer).as_handler())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=512)
    await site.start()
    await stay(port=runner.addresses[0][1])
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
