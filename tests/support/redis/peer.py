"""A process with a layer of another project. Reads calls as JSON lines and answers each with a JSON line.

Run as a program: module, class and settings as arguments. `python peer.py channels_redis.core RedisChannelLayer '{}'`
"""

import asyncio
import importlib
import json
import sys
from typing import Any


async def serve(layer: Any) -> None:
    loop = asyncio.get_running_loop()
    print(json.dumps("ready"), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *arguments = json.loads(line)
        try:
            result = await asyncio.wait_for(getattr(layer, name)(*arguments), 60)
            print(json.dumps({"result": result}), flush=True)
        except Exception as error:  # noqa: BLE001 - the test reads it
            print(json.dumps({"error": repr(error)}), flush=True)


if __name__ == "__main__":
    module, kind, settings = sys.argv[1:]
    asyncio.run(serve(getattr(importlib.import_module(module), kind)(**json.loads(settings))))
