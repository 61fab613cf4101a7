"""A consumer of the library that only listens, on aiohttp: run as `python -m tests.bench.idle`."""

import asyncio

from aiohttp import web

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.aiohttp import add_consumers
from lanchat.layers import InMemoryChannelLayer, register_channel_layer
from tests.bench.served import stay


class Member(AsyncWebsocketConsumer):
    """A member of a room who says nothing."""

    groups = ("room",)


async def main() -> None:
    register_channel_layer("default", InMemoryChannelLayer())
    app = web.Application()
    add_consumers(app, {"/": Member})
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await stay(port=runner.addresses[0][1])
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
