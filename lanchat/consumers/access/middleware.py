"""ASGI apps around others. They run on every ASGI server, and on aiohttp as what `add_consumers` makes."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope


class _HasApp(Protocol):
    """A consumer class."""

    def as_asgi(self) -> "Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[None]]":
        """Return it as an ASGI app."""


Inner = Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]] | type
"""What can be wrapped: an ASGI app, or a consumer class, which is taken as its `as_asgi()`."""


class BaseMiddleware:
    """An ASGI app around another. Override `__call__`, change the scope there, and go on with `super().__call__`.

    Args:
        inner: what is wrapped.

    Attributes:
        inner: the same, as an ASGI app.
    """

    def __init__(self, inner: Inner) -> None:
        self.inner = as_app(inner)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection with what is wrapped."""
        # A copy, so that what is written into it reaches what is inside and nobody else.
        await self.inner(dict(scope), receive, send)


def as_app(inner: Inner) -> Callable[[Scope, AsgiReceive, AsgiSend], Awaitable[Any]]:
    """Return a consumer class as an ASGI app, and an app as it is.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(inner, type) and hasattr(inner, "as_asgi"):
        return cast("_HasApp", inner).as_asgi()
    if isinstance(inner, type) or not callable(inner):
        raise TypeError(f"An ASGI app or a consumer class is wanted here, not {inner!r}.")
    return inner
