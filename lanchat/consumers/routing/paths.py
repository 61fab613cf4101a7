"""Patterns of paths, as `/ws/room/{name}` or `/ws/entry/{number:int}`."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from lanchat.consumers.access import Inner

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?")
_KINDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "str": (r"[^/]+", str),
    "int": (r"[0-9]{1,18}", int),
    "slug": (r"[-a-zA-Z0-9_]+", str),
    "path": (r"(?s:.+)", str),
}

Match = tuple[str, tuple[str, ...], dict[str, Any]]
"""What is left of a path, and the arguments without and with a name that were found in it."""


class PathPattern:
    """A pattern of a path, with the interface of Django's.

    Args:
        path: `{name}` is one part of the path, `{name:int}` digits, `{name:slug}` letters, digits, `-` and `_`, and
            `{name:path}` everything that follows. A compiled pattern is taken as it is, and matched from the start.
        whole: whether it must match to the end.

    Raises:
        ValueError: it cannot be read.
    """

    def __init__(self, path: str | re.Pattern[str], *, whole: bool) -> None:
        self.path = path
        self.whole = whole
        self._kinds: dict[str, str] = {}
        self._regex = path if isinstance(path, re.Pattern) else self._read(path.lstrip("/"))

    def match(self, path: str) -> Match | None:
        """Return what a path without its first slash holds; None when it is another."""
        found = self._regex.fullmatch(path) if self.whole else self._regex.match(path)
        if found is None:
            return None
        named = {name: value for name, value in found.groupdict().items() if value is not None}
        unnamed = () if named else tuple(value for value in found.groups() if value is not None)
        values = {name: _KINDS[self._kinds.get(name, "str")][1](value) for name, value in named.items()}
        return path[found.end() :], unnamed, values

    def _read(self, path: str) -> re.Pattern[str]:
        regex, end = "", 0
        for parameter in _PARAMETER.finditer(path):
            named = _NAMED.fullmatch(parameter[1])
            name, kind = named.groups(default="str") if named else ("", "")
            if kind not in _KINDS:
                known = ", ".join(_KINDS)
                raise ValueError(f"{parameter[0]} in the path {path!r} is not {{name}} or {{name:kind}}, of {known}.")
            if name in self._kinds:
                raise ValueError(f"The path {path!r} has two parameters of the name {name}.")
            self._kinds[name] = kind
            regex += re.escape(path[end : parameter.start()]) + f"(?P<{name}>{_KINDS[kind][0]})"
            end = parameter.end()
        rest = path[end:]
        if "{" in rest or "}" in rest:
            raise ValueError(f"A brace in the path {path!r} has no partner.")
        return re.compile(regex + re.escape(rest))


class Route(NamedTuple):
    """What takes a path, with the interface of what Django's `path` and `re_path` return.

    Attributes:
        pattern: of the path.
        callback: an ASGI app or a consumer class.
        default_args: more arguments for it.
        name: of the route.
    """

    pattern: PathPattern
    callback: Inner
    default_args: dict[str, Any]
    name: str | None = None


def route(
    path: str | re.Pattern[str], app: Inner, kwargs: dict[str, Any] | None = None, name: str | None = None
) -> Route:
    """Return the route of a path.

    Args:
        path: as for PathPattern. For another URLRouter it is the beginning of the path.
        app: what takes it: an ASGI app, a consumer class, or another URLRouter.
        kwargs: more arguments for it, in `scope["url_route"]["kwargs"]`.
        name: of the route.

    Raises:
        ValueError: the path cannot be read.
    """
    whole = not isinstance(path, re.Pattern) and not hasattr(app, "routes")
    return Route(PathPattern(path, whole=whole), app, kwargs or {}, name)
