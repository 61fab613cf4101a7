"""Consumers whose clients send and get structs, in JSON, MessagePack or a format of one's own."""

import logging
from typing import Any, ClassVar

from lanchat.consumers.typed import annotated_with
from lanchat.consumers.websocket import AsyncWebsocketConsumer
from lanchat.layers import get_serializer

_log = logging.getLogger(__name__)


class TypedWebsocketConsumer(AsyncWebsocketConsumer, base=True):
    """One WebSocket connection. Derive from it and override `receive_content`, annotated with what clients may send.

    That is a msgspec struct, a union of tagged ones, or whatever else msgspec reads; without an annotation, whatever
    the format carries. What is none is answered by `refuse_content`, and the connection goes on.

    Attributes:
        serializer: the name of the format, as registered with `register_serializer`.
        sends: the structs that clients get, for the AsyncAPI document.
        refused_contents: messages of the client that were refused.
    """

    serializer: ClassVar[str] = "json"
    sends: ClassVar[tuple[type, ...]] = ()

    refused_contents = 0

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the client and read it."""
        serializer = get_serializer(self.serializer)
        try:
            if (text_data is None) is serializer.is_text:
                kind = "text" if serializer.is_text else "binary"
                raise ValueError(f"{self.serializer} is sent in {kind} messages.")  # noqa: TRY301 - as any other fault
            content = self._typed(serializer.decode(text_data.encode() if text_data is not None else bytes_data or b""))
        except ValueError as error:
            self.refused_contents += 1
            _log.info("%s refused a message: %s", type(self).__name__, error)
            await self.refuse_content(str(error))
        else:
            await self.receive_content(content)

    async def receive_content(self, content: Any) -> None:  # noqa: ANN401 - whatever a derived class takes
        """Take one message of the client."""

    async def refuse_content(self, sentence: str) -> None:
        """Answer a message of the client that is none of those that are taken."""
        await self.send_content({"error": sentence})

    async def send_content(self, content: Any, close: bool | int = False) -> None:  # noqa: ANN401
        """Send a struct or any other value, and then close the connection if `close` is true or a close code.

        Raises:
            InvalidMessage: the format cannot carry it.
        """
        serializer = get_serializer(self.serializer)
        data = serializer.encode(content)
        if serializer.is_text:
            await self.send(text_data=data.decode(), close=close)
        else:
            await self.send(bytes_data=data, close=close)

    @classmethod
    def _typed(cls, content: Any) -> Any:  # noqa: ANN401
        """Return the content as what `receive_content` is annotated with. Raises ValueError when it is none."""
        annotation = annotated_with(cls.receive_content)
        if annotation in (None, Any):
            return content
        import msgspec  # noqa: PLC0415 - whoever annotates with its structs has loaded it

        try:
            return msgspec.convert(content, annotation)
        except (msgspec.ValidationError, RecursionError) as error:
            raise ValueError(f"{error}.") from None
