"""ASGI apps that hand a connection on to others, as those of Django Channels."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from lanchat.consumers.access import Inner, as_app, refuse
from lanchat.consumers.routing.paths import Match, PathPattern
from lanchat.consumers.scope import AsgiConsumer, AsgiReceive, AsgiSend, Scope

_REMAINING = "path_remaining"
_NOT_FOUND = 404


class AnyPattern(Protocol):
    """A pattern of a path, ours or Django's."""

    def match(self, path: str) -> Match | None:
        """Return what a path holds; None when it is another."""


class AnyRoute(Protocol):
    """A route, ours or what Django's `path` and `re_path` return."""

    @property
    def pattern(self) -> AnyPattern:
        """Of the path."""

    @property
    def callback(self) -> Inner:
        """What takes it."""

    @property
    def default_args(self) -> dict[str, Any]:
        """More arguments for it."""


class URLRouter:
    """Hands a connection on by its path: the first route that fits.

    What is found in the path is in `scope["url_route"]`, as `args` and `kwargs`, and in `scope["path_params"]`. Routers
    may be nested; what the inner one has no route for, the outer one looks for further down its list. A path that
    nothing takes is refused: an HTTP request with status 404, a WebSocket's handshake with 403.

    Args:
        routes: of `route`, or of Django's `path` and `re_path`.

    Raises:
        TypeError: a route leads to what is neither an ASGI app nor a consumer class.
    """

    def __init__(self, routes: Iterable[AnyRoute]) -> None:
        self.routes = [_Way.of(each) for each in routes]

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> Any:  # noqa: ANN401
        """Live through one connection with what takes its path."""
        found = self.resolve(scope)
        if found is None:
            return await refuse(scope, receive, send, status=_NOT_FOUND)
        app, inner = found
        return await app(inner, receive, send)

    def resolve(self, scope: Scope) -> tuple[AsgiConsumer, Scope] | None:
        """Return what takes a connection, and the scope for it; None when nothing does."""
        path = scope[_REMAINING] if _REMAINING in scope else _below_root(scope)
        if path is None:
            return None
        outer = scope.get("url_route") or {}
        for pattern, app, default_args in self.routes:
            match = pattern.match(path.lstrip("/"))
            if match is None:
                continue
            remaining, args, kwargs = match
            kwargs = {**(outer.get("kwargs") or {}), **kwargs, **default_args}
            url_route = {"args": (*(outer.get("args") or ()), *args), "kwargs": kwargs}
            inner = {**scope, _REMAINING: remaining, "url_route": url_route, "path_params": kwargs}
            if not isinstance(app, URLRouter):
                return app, inner
            if (found := app.resolve(inner)) is not None:
                return found
        return None


class ProtocolTypeRouter:
    """Hands a connection on by its kind. One for which there is no app is refused.

    Args:
        apps: by `scope["type"]`: `http`, `websocket`, `channel` for a worker's, `lifespan`.
    """

    def __init__(self, apps: Mapping[str, Inner]) -> None:
        self.application_mapping = {kind: as_app(app) for kind, app in apps.items()}

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> Any:  # noqa: ANN401
        """Live through one connection with what takes its kind.

        Raises:
            ValueError: it is neither an HTTP request nor a WebSocket, and nothing takes it.
        """
        app = self.application_mapping.get(scope["type"])
        if app is not None:
            return await app(scope, receive, send)
        if scope["type"] in ("http", "websocket"):
            return await refuse(scope, receive, send, status=_NOT_FOUND)
        raise ValueError(f"There is no app for connections of the type {scope['type']!r}.")


class ChannelNameRouter:
    """Hands what a worker takes on by the name of its channel.

    Args:
        apps: by the channel's name.
    """

    def __init__(self, apps: Mapping[str, Inner]) -> None:
        self.application_mapping = {name: as_app(app) for name, app in apps.items()}

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> Any:  # noqa: ANN401
        """Live with what takes the channel.

        Raises:
            ValueError: nothing takes it.
        """
        app = self.application_mapping.get(scope.get("channel", ""))
        if app is None:
            raise ValueError(f"There is no app for the channel {scope.get('channel')!r}.")
        return await app(scope, receive, send)


class _Way(NamedTuple):
    """A route as a router uses it."""

    pattern: AnyPattern
    app: AsgiConsumer
    default_args: dict[str, Any]

    @classmethod
    def of(cls, each: AnyRoute) -> "_Way":
        pattern: Any = each.pattern
        if not isinstance(each.callback, URLRouter):
            return cls(pattern, as_app(each.callback), each.default_args)
        if not isinstance(pattern, PathPattern):
            # Django's `path` takes whole paths only; of one that leads to a router, more follows.
            pattern = type(pattern)(str(pattern), pattern.name, is_endpoint=False)
        return cls(pattern, each.callback, each.default_args)


def _below_root(scope: Scope) -> str | None:
    """Return the path below where the app is mounted; None when it is not there."""
    path: str = scope["path"]
    root: str = scope.get("root_path") or ""
    if root and path != root and not path.startswith(root.rstrip("/") + "/"):
        return None
    return path[len(root.rstrip("/")) :]
