"""Which method of a consumer takes a message of which type."""

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lanchat.consumers.errors import NoHandler
from lanchat.consumers.typed import typed
from lanchat.layers import Message, ThrottledLog

_log = logging.getLogger(__name__)
_OF_CONNECTION = ("websocket_", "http_")
_SHORTCUTS = ("dispatch", "websocket_receive")

Method = Callable[[Any, Message], Any]
"""A method that takes a message: called with the consumer and the message."""


class Handler(NamedTuple):
    """A method that takes a message, and whether its messages wait in the inbox; then it returns an awaitable."""

    method: Method
    waits: bool


Threads = Callable[..., Awaitable[Any]]
"""Runs a plain function, the first argument, in a thread, with the other arguments."""


class Handlers:
    """The handlers of one consumer class: what can be called with one message, and is neither private nor of a base.

    Args:
        owner: the class. Those of its ancestors that are bases have `_lanchat_base` in their own namespace, and it is
            true.
        in_turn: whether plain functions wait until nothing else of the consumer runs.
        threads: runs plain functions, which may block; without it they run at once.

    Attributes:
        by_name: what takes messages of the layer.
        events: what takes events of the connection; no message of a layer reaches these.
        known: what took the types that came so far.
        in_threads: whether plain functions run in threads.
        direct: whether neither `dispatch` nor `websocket_receive` was overridden, so that `receive` may be called.
    """

    def __init__(self, owner: type, *, in_turn: bool = False, threads: Threads | None = None) -> None:
        bases = [ancestor for ancestor in owner.__mro__ if ancestor is object or vars(ancestor).get("_lanchat_base")]
        reserved = {name for base in bases for name in vars(base)}
        self._in_turn = in_turn
        self._threads = threads
        self.in_threads = threads is not None
        # Only what may be one is looked at, because looking is most of what it takes to make a class.
        events = (name for name in dir(owner) if name.startswith(_OF_CONNECTION))
        others = (name for name in dir(owner) if name not in reserved and not name.startswith(("_", *_OF_CONNECTION)))
        self.events = {name: self._make(method) for name, method in _methods(owner, events)}
        self.by_name = {name: self._make(typed(method)) for name, method in _methods(owner, others)}
        self.known: dict[str, Handler] = {}
        self._everything = Handler(_dispatch, waits=True) if _overridden(owner, "dispatch", bases) else None
        self.direct = not any(_overridden(owner, name, bases) for name in _SHORTCUTS)
        self._name = owner.__name__
        self._unknown = ThrottledLog(_log, logging.WARNING, f"{owner.__name__} has no handler for messages of type %r")

    def find(self, kind: object) -> Handler | None:
        """Return what takes messages of the layer of this type; None when nothing does, which is logged.

        A `dispatch` that was overridden takes all of them, but no event of the connection.
        """
        name = kind.replace(".", "_") if isinstance(kind, str) else ""
        handler = self.by_name.get(name)
        if self._everything is not None and not name.startswith(_OF_CONNECTION):
            handler = self._everything
        if handler is None:
            self.miss(kind)
        elif isinstance(kind, str):
            self.known[kind] = handler
        return handler

    def of(self, kind: object) -> Handler:
        """Return what takes events and messages of this type. Raises NoHandler when nothing does."""
        name = kind.replace(".", "_") if isinstance(kind, str) else ""
        handler = self.events.get(name) or self.by_name.get(name)
        if handler is None:
            raise NoHandler(f"{self._name} has no handler for messages of type {kind!r}.", kind)
        return handler

    def miss(self, kind: object) -> None:
        """Log that nothing takes messages of this type."""
        self._unknown(kind)

    def _make(self, method: Method) -> Handler:
        if asyncio.iscoroutinefunction(method):
            return Handler(method, waits=True)
        if not inspect.isfunction(method):  # a bound name: it says only when it is called what it is
            return Handler(_waiting(method), waits=True)
        if self._threads is not None:
            return Handler(_waiting(functools.partial(self._threads, method)), waits=True)
        return Handler(_waiting(method), waits=True) if self._in_turn else Handler(method, waits=False)


def _methods(owner: type, names: Iterable[str]) -> Iterator[tuple[str, Method]]:
    """Give those of the names that can be called with a consumer and a message, each with what is called."""
    for name in names:
        if (method := _method(owner, name)) is not None:
            yield name, method


def _method(owner: type, name: str) -> Method | None:
    """Return what `name` is called by, with a consumer and a message; None when it is nothing of that kind."""
    member = inspect.getattr_static(owner, name)
    if isinstance(member, staticmethod | classmethod | type):
        return None
    if inspect.isfunction(member):
        return member if _binds(member, None, None) else None
    if isinstance(member, functools.partialmethod):
        return _Named(name) if _binds(member.__get__(None, owner), None, None) else None
    if not callable(member):
        return None
    bound = (None, None) if hasattr(type(member), "__get__") else (None,)
    return _Named(name) if _binds(member, *bound) else None


class _Named:
    """Calls the method of this name, for what is a method only on a consumer: a descriptor, or any callable."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, consumer: object, message: Message) -> Any:  # noqa: ANN401 - what the method gives
        return getattr(consumer, self._name)(message)


def _binds(member: Callable[..., Any], *arguments: None) -> bool:
    """Whether it can be called with so many arguments, as far as that can be known."""
    try:
        # A decorator's own signature counts, not that of what it decorates: it may add arguments, or take them away.
        inspect.signature(member, follow_wrapped=False).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # a callable that does not say
        return True
    return True


def _overridden(owner: type, name: str, bases: list[type]) -> bool:
    """Whether the first class that has this name is not one of the bases."""
    return next((kind not in bases for kind in owner.__mro__ if name in vars(kind)), False)


def _waiting(method: Method) -> Method:
    """Return a callable as one that can be awaited, and waits for what it gives when that can be awaited too."""

    async def call(consumer: object, message: Message) -> None:
        result = method(consumer, message)
        while inspect.isawaitable(result):
            result = await result

    return call


async def _dispatch(consumer: Any, message: Message) -> None:  # noqa: ANN401 - life knows no class of consumers
    result = consumer.dispatch(message)
    if inspect.isawaitable(result):
        await result
