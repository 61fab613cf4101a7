"""A node with nothing but its discovery and its `/api/node`, steered by lines of JSON.

Reads `{"do": "advertise", "rooms": [...]}`, `{"do": "refresh"}`, `{"do": "forget", "node": id}`, `{"do": "close"}`.
Writes `{"event": "ready" | "done" | "found", "at": seconds of the machine's monotonic clock, ...}`.
"""

import argparse
import asyncio
import json
import sys
import time
from typing import Any

import msgspec
from aiohttp import web

from lanchat.identity import NodeCertificate
from lanchat.lan.discovery import Advert, Discovery
from lanchat.protocol import NodeInfo
from tests.support.certificates import answering_as


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pem")
    parser.add_argument("--name", default="agent")
    parser.add_argument("--bind", default="")
    parser.add_argument("--port", type=int, default=28_280)
    options = parser.parse_args()
    node = NodeInfo(id=NodeCertificate.parse(options.pem.encode()).id, name=options.name)
    adverts: list[Advert] = []

    async def about(_: web.Request) -> web.Response:
        return web.json_response(msgspec.to_builtins({"node": node, "rooms": adverts}))

    app = web.Application()
    app.router.add_get("/api/node", about)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    tls = answering_as(NodeCertificate.parse(options.pem.encode()))
    await web.TCPSite(runner, options.bind or None, options.port, shutdown_timeout=1, ssl_context=tls).start()
    discovery = Discovery(
        node,
        bind=options.bind,
        on_change=lambda: tell("found", rooms=msgspec.to_builtins(dict(discovery.found))),
    )
    await discovery.start(options.port)
    tell("ready")
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        match command["do"]:
            case "advertise":
                adverts[:] = msgspec.convert(command["rooms"], list[Advert])
                await discovery.advertise(adverts)
            case "refresh":
                await discovery.refresh()
            case "forget":
                discovery.forget(command["node"])
            case "close":
                break
        tell("done", do=command["do"])
    await discovery.close()
    tell("done", do="close")
    await runner.cleanup()
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    tell("closed", tasks=left)


if __name__ == "__main__":
    asyncio.run(main())
