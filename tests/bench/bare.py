"""A bare aiohttp WebSocket server that only listens: run as `python -m tests.bench.bare`."""

import asyncio

from aiohttp import web

from tests.bench.served import stay


async def _listen(request: web.Request) -> web.WebSocketResponse:
    websocket = web.WebSocketResponse()
    await websocket.prepare(request)
    async for _ in websocket:
        pass
    return websocket


async def main() -> None:
    app = web.Application()
    app.router.add_get("/", _listen)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await stay(port=runner.addresses[0][1])
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
