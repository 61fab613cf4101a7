"""ASGI apps behind a real server: uvicorn in this event loop, and aiohttp through its bridge."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import uvicorn
from aiohttp import web

from lanchat.consumers import Scope
from lanchat.consumers.aiohttp import add_asgi_app

AsgiApp = Callable[[Scope, Any, Any], Awaitable[Any]]
Serving = Callable[[AsgiApp], AbstractAsyncContextManager[str]]


@asynccontextmanager
async def by_uvicorn(app: AsgiApp) -> AsyncIterator[str]:
    """Run an app on uvicorn, and give its address without a scheme."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # `serve` would take the signals of the test.
    running = asyncio.create_task(server._serve([listener]))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def by_aiohttp(app: AsgiApp) -> AsyncIterator[str]:
    """Run an app on aiohttp, and give its address without a scheme."""
    outer = web.Application()
    add_asgi_app(outer, app)
    runner = web.AppRunner(outer, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


SERVERS: dict[str, Serving] = {"uvicorn": by_uvicorn, "aiohttp": by_aiohttp}
"""For `pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)`."""
