"""Consumers of a WebSocket connection that carries one JSON value in each text message."""

import json
import logging
from typing import Any

from lanchat.consumers.websocket import AsyncWebsocketConsumer

_log = logging.getLogger(__name__)
NOT_JSON = "Please send JSON, one value in each text message."
"""The answer to anything else."""


class AsyncJsonWebsocketConsumer(AsyncWebsocketConsumer, base=True):
    """One WebSocket connection for JSON messages. Derive from it and override `receive_json`.

    A message that is no JSON is answered with `{"error": …}`, and the connection goes on; override `receive_other` to
    answer it otherwise.
    """

    async def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,
        **more: Any,  # noqa: ANN401 - for `receive_json`, from a derived class
    ) -> None:
        """Take one message of the client and decode it."""
        try:
            content = await self.decode_json(text_data or "")
        except (ValueError, RecursionError) as error:
            _log.info("%s got a message that is no JSON: %s", type(self).__name__, error)
            await self.receive_other(text_data, bytes_data)
        else:
            await self.receive_json(content, **more)

    async def receive_json(self, content: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Take one decoded message of the client."""

    async def receive_other(self, text_data: str | None, bytes_data: bytes | None) -> None:
        """Take a message of the client that is no JSON."""
        await self.send_json({"error": NOT_JSON})

    async def send_json(self, content: Any, close: bool | int = False) -> None:  # noqa: ANN401
        """Encode `content` and send it, and then close the connection if `close` is true or a close code.

        Raises:
            TypeError: JSON cannot carry it.
        """
        await self.send(text_data=await self.encode_json(content), close=close)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:  # noqa: ANN401
        """Decode a message. Raises ValueError when it is no JSON."""
        return json.loads(text_data)

    @classmethod
    async def encode_json(cls, content: Any) -> str:  # noqa: ANN401
        """Encode a message. Raises TypeError when JSON cannot carry it."""
        return json.dumps(content)
