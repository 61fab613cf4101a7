"""One room on socketify, which is uWebSockets in C++: run as `python -m tests.bench.peers.socketify_room`."""

import json
import os
import sys
import threading
from typing import Any

from socketify import App, AppListenOptions, CompressOptions, OpCode


def enter(member: Any) -> None:
    member.subscribe("room")


def say(member: Any, text: str, opcode: OpCode) -> None:
    app.publish("room", text, opcode)


def ready(config: Any) -> None:
    print(json.dumps({"port": config.port}), flush=True)


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    app = App()
    app.ws(
        "/*",
        {
            "compression": CompressOptions.DISABLED,
            "max_payload_length": 65_536,
            "max_backpressure": 1 << 24,  # else it drops what a reader is slow to take
            "idle_timeout": 960,
            "open": enter,
            "message": say,
        },
    )
    app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"), ready)
    threading.Thread(target=end_with_input, daemon=True).start()
    app.run()
