"""Our own mDNS and nothing but that: run as `python -m tests.support.lan.ear`. Writes what it sees as lines of JSON.

`{"event": "seen", "name": full name, "port": …, "addresses": [...], "txt": {...}}`, `{"event": "gone", "name": ...}`.
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
    mdns = Mdns(reach(read_links(), ""), fenced=False, on_seen=seen, on_gone=lambda name: tell("gone", name=name))
    await mdns.open()
    tell("ready")
    await asyncio.to_thread(sys.stdin.readline)
    await mdns.close()


if __name__ == "__main__":
    asyncio.run(main())
