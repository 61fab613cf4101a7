"""A window of a node without a page: run as `python -m tests.support.lan.window DATA_DIR` on the node's own machine.

Passes frames on, both ways: reads `{"do": "send", "frame": {...}}`, writes `{"event": "frame", "frame": {...}}`.
"""

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from lanchat.protocol import VERSION


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


async def main() -> None:
    running = json.loads((Path(sys.argv[1]) / "node.json").read_text())
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(running["window"] + "ws", max_msg_size=0) as socket,
    ):
        await socket.send_json({"type": "hello", "version": VERSION, "client": "window", "token": running["key"]})
        orders = asyncio.create_task(obey(socket))
        async for message in socket:
            frame = json.loads(message.data)
            tell("frame", frame=frame)
            if frame["type"] == "welcome":
                tell("ready")
        orders.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await orders
    tell("ended", code=socket.close_code)


async def obey(socket: aiohttp.ClientWebSocketResponse) -> None:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        await socket.send_json(command["frame"])
        tell("done", do=command["do"])


if __name__ == "__main__":
    asyncio.run(main())
