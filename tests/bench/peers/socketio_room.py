"""One room on python-socketio and uvicorn: run as `python -m tests.bench.peers.socketio_room [REDIS]`.

With the URL of a Redis several such servers have the room in common.
"""

import asyncio
import sys
from typing import Any

import socketio

from tests.bench.peers.asgi import serve

shared = [socketio.AsyncRedisManager(url) for url in sys.argv[1:]]
server = socketio.AsyncServer(
    async_mode="asgi",
    ping_interval=3_600,
    client_manager=next(iter(shared), None),
    async_handlers=not shared,  # handlers side by side publish over several connections, in any order
)


async def enter(sid: str, environ: dict[str, Any]) -> None:
    await server.enter_room(sid, "room")


async def say(sid: str, text: str) -> None:
    await server.emit("message", text, room="room")


if __name__ == "__main__":
    server.on("connect", enter)
    server.on("message", say)
    asyncio.run(serve(socketio.ASGIApp(server)))
