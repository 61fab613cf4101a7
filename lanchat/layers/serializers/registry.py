"""How values become bytes, by name: `json`, `msgpack`, and what a program registers of its own."""

import functools
from typing import Any, Protocol

from lanchat.layers.errors import InvalidMessage, LayerError


class Serializer(Protocol):
    """Turns values into bytes and back.

    Attributes:
        is_text: whether the bytes are text in UTF-8, and so go into text messages of a WebSocket.
    """

    is_text: bool

    def encode(self, value: Any) -> bytes:  # noqa: ANN401 - whatever it can carry
        """Return the bytes of a value. Raises ValueError or TypeError when it cannot carry it."""

    def decode(self, data: bytes) -> Any:  # noqa: ANN401
        """Return the value of the bytes. Raises ValueError when they are none."""


BUILT_IN = ("json", "msgpack")

_registered: dict[str, Serializer] = {}


def register_serializer(name: str, serializer: Serializer) -> None:
    """Make a serializer known by a name, in place of the one that had it before.

    Raises:
        LayerError: the name is empty, or what is registered is no serializer.
    """
    has_all = all(hasattr(serializer, wanted) for wanted in ("is_text", "encode", "decode"))
    if not name or isinstance(serializer, type) or not has_all:
        raise LayerError(f"A serializer is an object with is_text, encode and decode, and has a name, unlike {name!r}.")
    _registered[name] = serializer


def own_serializer(name: str) -> Serializer | None:
    """Return what the program has registered by a name; None for what is built in."""
    return _registered.get(name)


def get_serializer(name: str) -> Serializer:
    """Return the serializer of a name.

    Raises:
        LayerError: there is none.
    """
    found = _registered.get(name)
    if found is not None:
        return found
    if name not in BUILT_IN:
        known = ", ".join(sorted({*BUILT_IN, *_registered}))
        raise LayerError(f"No serializer is called {name!r}; known are {known}.")
    return _built_in(name)


class _BuiltIn:
    """One of msgspec's."""

    def __init__(self, name: str) -> None:
        import msgspec  # noqa: PLC0415 - most programs name no serializer

        self.is_text = name == "json"
        self._module = msgspec.json if self.is_text else msgspec.msgpack
        self._wrong = (msgspec.MsgspecError, ValueError, RecursionError)

    def encode(self, value: Any) -> bytes:  # noqa: ANN401
        try:
            data: bytes = self._module.encode(value)
        except (*self._wrong, TypeError, OverflowError) as error:
            raise InvalidMessage(f"The value cannot be written: {error}.") from None
        return data

    def decode(self, data: bytes) -> Any:  # noqa: ANN401
        try:
            return self._module.decode(data)
        except self._wrong as error:
            raise ValueError(f"The bytes are no value: {error}.") from None


@functools.cache
def _built_in(name: str) -> Serializer:
    return _BuiltIn(name)
