"""A whole node on a host of the lab, steered by lines of JSON: run as `python -m tests.bench.neighbour DIRECTORY NAME`.

Reads `{"do": "open", "name": room}` and `{"do": "stop"}`. Writes `{"event": "ready" | "done" | "rooms", "at": seconds
of the machine's monotonic clock, ...}`; `rooms` is the list that a window of this node is shown.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from lanchat.config import Config
from lanchat.lan.connection.dial import dial
from lanchat.protocol import VERSION, Hello, RoomList
from lanchat.web import serve


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


async def watch(url: str, key: str) -> None:
    """Tell each list of rooms that a window gets."""
    async with dial(url, Hello(version=VERSION, client="window", token=key)) as window:
        async for notice in window:
            if isinstance(notice, RoomList):
                tell("rooms", names=[room.name for room in notice.rooms])


async def main(data_dir: Path, name: str) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    config = Config(port=0, window_port=0, data_dir=data_dir, name=name, nick=name, room=f"home of {name}")
    async with serve(config) as server:
        key = json.loads((data_dir / "node.json").read_text())["key"]
        watching = asyncio.create_task(watch(server.window_url, key))
        tell("ready")
        while line := await lines.readline():
            command = json.loads(line)
            tell("done")
            if command["do"] == "stop":
                break
            await server.node.rooms.open(command["name"])
        watching.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
