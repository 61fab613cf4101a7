"""How a message is written: as MessagePack or JSON, like the originals of the Redis layers, or by one of your own."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from lanchat.layers.errors import InvalidMessage
from lanchat.layers.message import Message
from lanchat.layers.serializers.registry import get_serializer, own_serializer
from lanchat.layers.values import MAKERS, READERS, as_text, extension_of, set_code_of

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


def _ready(value: Any) -> Any:  # noqa: ANN401 - any part of a message
    """Return a value with extensions in the place of what MessagePack has no types for; itself where there is none."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        flat = all(type(item) in _PLAIN for item in value.values())
        return value if flat else {key: _ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_ready(item) for item in value]
    if (extension := extension_of(value)) is not None:
        return msgspec.msgpack.Ext(extension.code, extension.write(value))
    if (code := set_code_of(value)) is not None:
        return msgspec.msgpack.Ext(code, _msgpack.encode([_ready(item) for item in value]))
    return value


def _read(code: int, data: memoryview) -> object:
    """Return the value of an extension; of one that is not ours, its code and its bytes."""
    if reader := READERS.get(code):
        return reader(bytes(data))
    if maker := MAKERS.get(code):
        return maker([_hashable(item) for item in _items.decode(data)])
    return msgspec.msgpack.Ext(code, bytes(data))


def _hashable(item: Any) -> Any:  # noqa: ANN401 - as above
    return tuple(map(_hashable, item)) if isinstance(item, list) else item


_msgpack = msgspec.msgpack.Encoder()
_items = msgspec.msgpack.Decoder(list[Any], ext_hook=_read)
_unpack = msgspec.msgpack.Decoder(dict[str, Any], ext_hook=_read)


def _write_json(message: Message) -> bytes:
    return json.dumps(message, default=as_text).encode()


_BUILT_IN: dict[str, tuple[Callable[[Message], bytes], Callable[[bytes], Any]]] = {
    "msgpack": (lambda message: _msgpack.encode(_ready(message)), _unpack.decode),
    "json": (_write_json, json.loads),
}


class MessageForm:
    """Turns messages into bytes and back, by the format of a name.

    Args:
        name: `msgpack`, `json` as `json.dumps` writes it, or what `register_serializer` has made known.

    Raises:
        LayerError: nothing has this name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._write: Callable[[Message], Any]
        self._read: Callable[[bytes], Any]
        if own_serializer(name) is None and name in _BUILT_IN:
            self._write, self._read = _BUILT_IN[name]
        else:
            own = get_serializer(name)
            self._write, self._read = own.encode, own.decode

    def encode(self, message: Message, kind: str, name: str) -> bytes:
        """Return the bytes of `message`.

        Args:
            message: what is written.
            kind: "channel" or "group": where it goes, for the sentence of an error.
            name: of the channel or the group.

        Raises:
            InvalidMessage: this format cannot carry it.
        """
        try:
            body = self._write(message)
        except Exception as error:
            raise self._unwritten(kind, name, _said(error)) from error
        if not isinstance(body, bytes):
            raise self._unwritten(kind, name, f"that gives {type(body).__name__}, not bytes")
        return body

    def decode(self, body: bytes) -> Message:
        """Return the message of `body`. Raises InvalidMessage when it is none."""
        try:
            message = self._read(body)
        except Exception as error:
            raise InvalidMessage(f"The bytes are no message as {self.name}: {_said(error)}.") from error
        if not isinstance(message, dict):
            raise InvalidMessage(f"The bytes are no message as {self.name}: not a dict.")
        return message

    def _unwritten(self, kind: str, name: str, why: str) -> InvalidMessage:
        return InvalidMessage(f"The message to the {kind} {name} cannot be written as {self.name}: {why}.")


def _said(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
