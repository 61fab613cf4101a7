"""Which method of a consumer takes a message of which type."""

import inspect
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from lanchat.layers import Message, ThrottledLog

_log = logging.getLogger(__name__)
_OF_CONNECTION = ("websocket_", "http_")

Method = Callable[[Any, Message], Any]
"""A method that takes a message: called with the consumer and the message."""


class Handler(NamedTuple):
    """A method that takes a message, and whether its messages wait in the inbox; then it returns an awaitable."""

    method: Method
    waits: bool


class Handlers:
    """The handlers of one consumer class.

    Args:
        owner: the class. Those of its ancestors that are bases have `is_base` in their own namespace, and it is true.
        make: makes the handler for a method of the layer's messages, and for one of the connection's events.

    Attributes:
        by_name: what takes messages of the layer.
        events: what takes events of the connection; no message of a layer reaches these.
        known: what took the types that came so far.
    """

    def __init__(self, owner: type, make: Callable[[Method], Handler]) -> None:
        reserved: set[str] = set()
        for ancestor in owner.__mro__:
            if ancestor is object or vars(ancestor).get("is_base"):
                reserved |= vars(ancestor).keys()
        methods = {name: getattr(owner, name) for name in dir(owner) if _takes_a_message(owner, name)}
        self.events = {name: make(method) for name, method in methods.items() if name.startswith(_OF_CONNECTION)}
        self.by_name = {
            name: make(method)
            for name, method in methods.items()
            if name not in reserved and not name.startswith(("_", *_OF_CONNECTION))
        }
        self.known: dict[str, Handler] = {}
        self._unknown = ThrottledLog(_log, logging.WARNING, f"{owner.__name__} has no handler for messages of type %r")

    def find(self, kind: object) -> Handler | None:
        """Return what takes messages of this type; None when nothing does, which is logged."""
        handler = self.by_name.get(kind.replace(".", "_")) if isinstance(kind, str) else None
        if handler is None:
            self._unknown(kind)
        else:
            self.known[str(kind)] = handler
        return handler


def _takes_a_message(owner: type, name: str) -> bool:
    member = inspect.getattr_static(owner, name)
    return inspect.isfunction(member) and len(inspect.signature(member).parameters) == len(("self", "message"))
