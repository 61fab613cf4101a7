"""Our own mDNS and nothing but that: run as `python -m tests.support.lan.ear`. Writes what it sees as lines of JSON.

`{"event": "seen", "name": full name, "port": …, "addresses": [...], "txt": {...}}`, `{"event": "gone", "name": ...}`,
`{"event": "unanswered", "name": ...}`. Reads `{"do": "wonder", "name": ...}`: it asks the network where that is.
"""

import asyncio
import json
import sys
import time
from typing import Any

from lanchat.lan.addresses import reach, read_links
from lanchat.lan.discovery.mdns import Mdns, Sighting


def tell(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


def seen(name: str, sighting: Sighting) -> None:
    txt = {key.decode(): (value or b"").decode() for key, value in sighting.txt.items()}
    tell("seen", name=name, port=sighting.port, addresses=sighting.addresses, txt=txt)


async def main() -> None:
    mdns = Mdns(
        reach(read_links(), ""),
        fenced=False,
        on_seen=seen,
        on_gone=lambda name: tell("gone", name=name),
        on_unanswered=lambda name: tell("unanswered", name=name),
    )
    await mdns.open()
    tell("ready")
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        mdns.questions.wonder(order["name"])
        tell("done", do=order["do"])
    await mdns.close()


if __name__ == "__main__":
    asyncio.run(main())
