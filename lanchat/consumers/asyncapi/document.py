"""An AsyncAPI 3.0 document made from consumers (https://www.asyncapi.com/docs/reference/specification/v3.0.0).

Each path is a channel: what `receive_content` is annotated with, the app receives; what `sends` names, it sends. The
events that a consumer's handlers are annotated with are another channel, which is the layer's and has no address.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lanchat.consumers.base import AsgiApp, AsyncConsumer
from lanchat.consumers.routing import PathPattern, ProtocolTypeRouter, URLRouter
from lanchat.consumers.structured import TypedWebsocketConsumer
from lanchat.consumers.typed import annotated_with, structs_in

_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::[a-z]+)?\}")

Routes = Mapping[str, Any] | URLRouter | ProtocolTypeRouter
"""Consumers by their paths, or a router to them."""


def asyncapi_document(routes: Routes, *, title: str = "WebSocket API", version: str = "1.0.0") -> dict[str, Any]:
    """Return the document, as values for JSON.

    Args:
        routes: the consumers; what is none, such as an app of somebody else, is left out.
        title: of the API.
        version: of the API.

    Raises:
        TypeError: this leads to no consumers.
    """
    import msgspec  # noqa: PLC0415 - nobody else needs it

    ways = list(_ways(routes, "/"))
    structs = sorted({struct for _, kind in ways for struct in _structs_of(kind)}, key=lambda struct: struct.__name__)
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/json",
        "channels": {},
        "operations": {},
        "components": {"schemas": schemas, "messages": {struct.__name__: _message(struct) for struct in structs}},
    }
    for path, kind in ways:
        _describe(document, path, kind)
    return document


def _describe(document: dict[str, Any], path: str, kind: type[AsyncConsumer]) -> None:
    base = "_".join(part for part in re.split(r"[^A-Za-z0-9]+", _PARAMETER.sub(r"\1", path)) if part) or "root"
    name = base
    while name in document["channels"]:
        name += "_"
    address = _PARAMETER.sub(r"{\1}", path)
    takes, sends = _takes(kind), getattr(kind, "sends", ())
    channel = _channel(address, kind, (*takes, *sends))
    if names := _PARAMETER.findall(path):
        channel["parameters"] = {each: {} for each in names}
    channel["bindings"] = {"ws": {}}
    document["channels"][name] = channel
    _operate(document, name, "receive", takes)
    _operate(document, name, "send", sends)
    if events := _events(kind):
        layer = f"{name}_events"
        document["channels"][layer] = _channel(None, kind, events)
        _operate(document, layer, "receive", events)


def _channel(address: str | None, kind: type, structs: tuple[type, ...]) -> dict[str, Any]:
    messages = {struct.__name__: {"$ref": f"#/components/messages/{struct.__name__}"} for struct in structs}
    said = inspect.getdoc(kind) if "__doc__" in vars(kind) and kind.__doc__ else None
    return {"address": address, "messages": messages, **({"description": said} if said else {})}


def _operate(document: dict[str, Any], channel: str, action: str, structs: tuple[type, ...]) -> None:
    if structs:
        document["operations"][f"{action}_{channel}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": [{"$ref": f"#/channels/{channel}/messages/{struct.__name__}"} for struct in structs],
        }


def _message(struct: type) -> dict[str, Any]:
    said = inspect.getdoc(struct) if "__doc__" in vars(struct) and struct.__doc__ else None
    payload = {"$ref": _REF.format(name=struct.__name__)}
    return {"name": struct.__name__, "payload": payload, **({"summary": said.partition("\n")[0]} if said else {})}


def _structs_of(kind: type[AsyncConsumer]) -> tuple[type, ...]:
    return (*_takes(kind), *getattr(kind, "sends", ()), *_events(kind))


def _takes(kind: type[AsyncConsumer]) -> tuple[type, ...]:
    return structs_in(annotated_with(kind.receive_content)) if issubclass(kind, TypedWebsocketConsumer) else ()


def _events(kind: type[AsyncConsumer]) -> tuple[type, ...]:
    found: dict[type, None] = {}
    for name in sorted(kind._lanchat_handlers.by_name):  # noqa: SLF001 - private to whoever derives a class
        member = inspect.getattr_static(kind, name)
        if inspect.isfunction(member):
            found |= dict.fromkeys(structs_in(annotated_with(member)))
    return tuple(found)


def _ways(routes: object, prefix: str) -> Iterator[tuple[str, type[AsyncConsumer]]]:
    """Yield every consumer with its path, through routers, and through middleware that says what is inside."""
    if isinstance(routes, ProtocolTypeRouter):
        yield from _inside(routes.application_mapping.get("websocket"), prefix)
    elif isinstance(routes, URLRouter):
        for pattern, app, _ in routes.routes:
            path = pattern.path if isinstance(pattern, PathPattern) else str(pattern)
            yield from _inside(app, prefix + (path if isinstance(path, str) else path.pattern).lstrip("/"))
    elif isinstance(routes, Mapping):
        for path, app in routes.items():
            yield from _inside(app, "/" + str(path).lstrip("/"))
    else:
        raise TypeError(f"An AsyncAPI document is made of consumers by their paths, or of a router, not of {routes!r}.")


def _inside(app: object, prefix: str) -> Iterator[tuple[str, type[AsyncConsumer]]]:
    while app is not None and not isinstance(app, URLRouter | ProtocolTypeRouter | AsgiApp | type):
        app = getattr(app, "inner", None)
    if isinstance(app, AsgiApp):
        app = app.consumer_class
    if isinstance(app, URLRouter | ProtocolTypeRouter):
        yield from _ways(app, prefix)
    elif isinstance(app, type) and issubclass(app, AsyncConsumer):
        yield prefix, app
