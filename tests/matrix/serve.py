"""The consumers of the matrix on one server and three layers: `python -m tests.matrix.serve SERVER PORT REDIS`."""

import asyncio
import sys
from typing import Any

from lanchat.layers import InMemoryChannelLayer, layer_from_url, register_channel_layer
from tests.matrix.consumers import KINDS, REQUESTS, on_layer

LAYERS = ("memory", "pubsub", "queue")
SERVERS = ("aiohttp", "uvicorn", "daphne", "hypercorn")


def set_up(redis: str) -> None:
    """Register the three layers."""
    register_channel_layer("memory", InMemoryChannelLayer())
    for kind in LAYERS[1:]:
        register_channel_layer(kind, layer_from_url(redis.replace("redis:", f"redis+{kind}:")))


def starlette() -> Any:
    """Return every consumer on every layer, as an app of Starlette."""
    from starlette.applications import Starlette
    from starlette.routing import Route, WebSocketRoute

    return Starlette(
        routes=[
            WebSocketRoute(f"/{alias}/{name}/{{room_name}}", on_layer(kind, alias).as_asgi(foo=1))
            for alias in LAYERS
            for name, kind in KINDS.items()
        ]
        + [Route(f"/{name}", kind.as_asgi(), methods=["POST"]) for name, kind in REQUESTS.items()]
    )


def by_aiohttp(port: int) -> None:
    """Serve them on aiohttp."""
    from aiohttp import web

    app = web.Application()
    for alias in LAYERS:
        for name, kind in KINDS.items():
            app.router.add_get(f"/{alias}/{name}/{{room_name}}", on_layer(kind, alias).as_handler(foo=1))
    for name, kind in REQUESTS.items():
        app.router.add_post(f"/{name}", kind.as_handler())
    web.run_app(app, host="127.0.0.1", port=port, print=None)


def by_uvicorn(port: int) -> None:
    """Serve them on uvicorn."""
    import uvicorn

    uvicorn.run(starlette(), host="127.0.0.1", port=port, log_level="error", ws="websockets-sansio")


def by_daphne(port: int) -> None:
    """Serve them on Daphne."""
    from daphne.endpoints import build_endpoint_description_strings
    from daphne.server import Server

    Server(starlette(), endpoints=build_endpoint_description_strings(host="127.0.0.1", port=port)).run()


def by_hypercorn(port: int) -> None:
    """Serve them on Hypercorn."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = "-"
    asyncio.run(serve(starlette(), config))


if __name__ == "__main__":
    set_up(sys.argv[3])
    {"aiohttp": by_aiohttp, "uvicorn": by_uvicorn, "daphne": by_daphne, "hypercorn": by_hypercorn}[sys.argv[1]](
        int(sys.argv[2])
    )
