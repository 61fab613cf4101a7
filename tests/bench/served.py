"""What every server under measurement does; it needs Python alone, so it runs in every environment."""

import asyncio
import json
import sys
from typing import Any


async def stay(**ready: Any) -> None:
    """Say in one line of JSON that the server is ready, and return when the input ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(json.dumps(ready), flush=True)
    await lines.read()
