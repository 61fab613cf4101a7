"""Frames as tests of the protocol write them."""

import json
from typing import Any

from lanchat.protocol import Command, check_command
from lanchat.protocol.codec import decode_command


def frame(kind: str, /, **fields: Any) -> bytes:
    return json.dumps({"type": kind, **fields}).encode()


def post(**fields: Any) -> bytes:
    return frame("post", **{"room": "r1", "nonce": "n1", "text": "hello", **fields})


def read(data: str | bytes) -> Command:
    """Read a command and check it, as a consumer does."""
    command = decode_command(data)
    check_command(command)
    return command
