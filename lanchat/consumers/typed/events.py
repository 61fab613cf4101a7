"""Messages of a layer as structs."""

import functools
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any

from lanchat.consumers.typed.annotations import annotated_with, structs_in
from lanchat.layers import Message, ThrottledLog

_log = logging.getLogger(__name__)
_REFUSED = "%s got a message of type %r that is no %s, and refused it: %s"
_OURS = "__asgi_"

Method = Callable[[Any, Message], Any]


def message_of(event: Any) -> Message:  # noqa: ANN401 - a struct
    """Return a struct as a message, to be sent by a layer.

    Raises:
        TypeError: it is no struct with a tag, which becomes the message's `type`.
    """
    import msgspec  # noqa: PLC0415 - whoever has a struct has loaded it

    config = getattr(event, "__struct_config__", None)
    if isinstance(event, type) or config is None or not (isinstance(config.tag, str) and config.tag_field):
        raise TypeError(f"An event is a struct with a tag that names its handler, unlike {event!r}.")
    message: Message = msgspec.to_builtins(event, builtin_types=(bytes,))
    return {"type": message.pop(config.tag_field), **message}


def typed(method: Method) -> Method:
    """Return a handler that is annotated with a struct, or a union of some, as one that takes a message.

    What is no such struct is refused: it is counted in the consumer's `refused_events` and logged, and the handler does
    not get to see it. A handler that is annotated otherwise is returned as it is.
    """
    if "msgspec" not in sys.modules or not inspect.isfunction(method):  # nobody can have a struct without it
        return method
    annotation = annotated_with(method)
    structs = structs_in(annotation)
    if not structs:
        return method
    read = _reader(annotation, structs)

    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def wait(consumer: Any, message: Message) -> None:  # noqa: ANN401 - any consumer
            event = read(consumer, message)
            if event is not None:
                await method(consumer, event)

        return wait

    @functools.wraps(method)
    def call(consumer: Any, message: Message) -> Any:  # noqa: ANN401
        event = read(consumer, message)
        return None if event is None else method(consumer, event)

    return call


def _reader(annotation: object, structs: tuple[type, ...]) -> Callable[[Any, Message], Any]:
    """Return what makes the struct of a message, or counts that there is none and gives None."""
    import msgspec  # noqa: PLC0415 - it is loaded

    # A struct with a tag looks for the type itself, under the name that it has there.
    fields = {struct.__struct_config__.tag_field for struct in structs}  # type: ignore[attr-defined]
    name = "type" if any("type" in struct.__struct_fields__ for struct in structs) else fields.pop()  # type: ignore[attr-defined]
    wanted = " or ".join(struct.__name__ for struct in structs)

    refused = ThrottledLog(_log, logging.WARNING, _REFUSED)

    def read(consumer: Any, message: Message) -> Any:  # noqa: ANN401
        content = {key: value for key, value in message.items() if key != "type" and not key.startswith(_OURS)}
        if name is not None:
            content[name] = message["type"]
        try:
            return msgspec.convert(content, annotation)
        except (msgspec.ValidationError, RecursionError) as error:
            consumer.refused_events += 1
            refused(type(consumer).__name__, message.get("type"), wanted, error)
            return None

    return read
