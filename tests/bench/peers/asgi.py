"""An ASGI app on uvicorn, as the servers of this folder use it."""

import asyncio
import socket
from typing import Any

import uvicorn

from tests.bench.served import stay


async def serve(app: Any) -> None:
    """Serve `app` until the input ends; uvicorn's own pings and compression are off, as they are for all."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws_ping_interval=None,
            ws_per_message_deflate=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await stay(port=listener.getsockname()[1])
        server.should_exit = server.force_exit = True
        await serving


def in_room(app: Any, room: str) -> Any:
    """Return `app` the room in its scope, where a router would put it."""

    async def routed(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app(scope | {"path_params": {"room_name": room}}, receive, send)

    return routed
