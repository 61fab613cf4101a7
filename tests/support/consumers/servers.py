"""Consumers behind a real aiohttp server."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from lanchat.consumers import AsyncConsumer
from lanchat.consumers.aiohttp import add_consumers


@asynccontextmanager
async def serving(
    make: Callable[[], AsyncConsumer] | Mapping[str, Callable[[], AsyncConsumer]], path: str = "/ws"
) -> AsyncIterator[tuple[str, web.Application]]:
    """Run one consumer class, or several by their paths, and give the address without a scheme, and the app."""
    app = web.Application()
    add_consumers(app, make if isinstance(make, Mapping) else {path: make})
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}", app
    finally:
        await runner.cleanup()
