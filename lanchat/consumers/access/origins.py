"""From which web pages a connection may come.

A browser lets every page open a WebSocket to every server, and sends that server's cookies with it; the only thing that
says whose page it is is the header Origin (RFC 6455, section 10.2; RFC 6454). Programs that are no browsers send none
and carry nobody's cookies, so a connection without one is let in. A request by a method that changes nothing is let in
as well: another page can send it, and cannot read the answer.
"""

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from lanchat.consumers.access.headers import header_of, headers_of
from lanchat.consumers.access.middleware import BaseMiddleware, Inner
from lanchat.consumers.access.refusal import refuse
from lanchat.consumers.scope import AsgiReceive, AsgiSend, Scope
from lanchat.layers import ThrottledLog

SAME_ORIGIN = "same-origin"
"""Stands for the host that the connection itself was made to, as its header Host says."""
ANY_ORIGIN = "*"
"""Stands for every page there is."""

OriginPattern = str | re.Pattern[str]
"""`same-origin`; `*`; a host as `example.org`, with any scheme and port; it and those below it as `.example.org`; an
origin as `https://example.org:8443`, or `https://.example.org`; or a compiled pattern for an Origin in lower case."""

_CHECKED = "lanchat.origin_checked"
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443"}
_HOST = r"(?P<host>\[[0-9a-f:.]+\]|[^\s/@?#:\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{_HOST}")
_AUTHORITY = re.compile(_HOST)

_log = logging.getLogger(__name__)
_refused = ThrottledLog(_log, logging.WARNING, "A connection from the foreign origin %r to %r was refused")


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: str


class AllowedOrigins:
    """Some patterns of origins.

    Args:
        patterns: what is let in.

    Raises:
        ValueError: one is no pattern.
    """

    def __init__(self, patterns: Iterable[OriginPattern]) -> None:
        self._patterns = [_read(pattern) for pattern in patterns]

    def allow(self, scope: Scope) -> bool:
        """Return whether a connection may come in, by what its scope says; True when that was checked further out."""
        if scope.get(_CHECKED) or (scope["type"] == "http" and scope.get("method") in _SAFE):
            return True
        origins = headers_of(scope, "origin")
        if not origins:
            return True
        return len(origins) == 1 and self._allow(origins[0].lower(), scope)

    def _allow(self, origin: str, scope: Scope) -> bool:
        parsed = _parse(origin)
        return any(_fits(origin, parsed, pattern, scope) for pattern in self._patterns)


class OriginValidator(BaseMiddleware):
    """Lets in what comes from some web pages; the consumers inside do not look at the origin once more.

    Args:
        inner: what is wrapped.
        allowed_origins: the pages, by default those of the same host. It replaces that, so name it if it stays.

    Raises:
        ValueError: one is no pattern.
    """

    def __init__(self, inner: Inner, allowed_origins: Iterable[OriginPattern] = (SAME_ORIGIN,)) -> None:
        super().__init__(inner)
        self._patterns = allowed_origins if isinstance(allowed_origins, str) else tuple(allowed_origins)
        _compiled(self._patterns)

    async def __call__(self, scope: Scope, receive: AsgiReceive, send: AsgiSend) -> None:
        """Live through one connection, or refuse it with status 403."""
        if is_admitted(scope, self._patterns):
            await super().__call__({**scope, _CHECKED: True}, receive, send)
        else:
            await refuse(scope, receive, send)


def is_admitted(scope: Scope, patterns: Iterable[OriginPattern]) -> bool:
    """Return whether a connection may come in; of one that may not, the log tells.

    Raises:
        ValueError: one of the patterns is none.
    """
    if scope["type"] not in ("http", "websocket") or _compiled(patterns).allow(scope):
        return True
    _refused(header_of(scope, "origin"), scope.get("path"))
    return False


def _compiled(patterns: Iterable[OriginPattern]) -> AllowedOrigins:
    if isinstance(patterns, str):
        raise ValueError(f"The allowed origins are a list of patterns, not one: write [{patterns!r}].")  # noqa: TRY004
    return _allowed(tuple(patterns))


@lru_cache(256)
def _allowed(patterns: tuple[OriginPattern, ...]) -> AllowedOrigins:
    return AllowedOrigins(patterns)


def _read(pattern: OriginPattern) -> str | re.Pattern[str] | _Origin:
    """Return a pattern in the form in which it is compared: of a host alone, scheme and port are empty."""
    if isinstance(pattern, re.Pattern) or pattern in (SAME_ORIGIN, ANY_ORIGIN):
        return pattern
    if isinstance(pattern, str):
        origin = _parse(pattern.lower())
        if origin is not None:
            return origin
        host = _AUTHORITY.fullmatch(pattern.lower())
        if host is not None and not host["port"]:
            return _Origin("", host["host"], "")
    raise ValueError(
        f"{pattern!r} is no pattern of origins; write same-origin, *, example.org, .example.org or https://example.org."
    )


def _parse(origin: str) -> _Origin | None:
    """Return the parts of an origin; None for `null`, and for what is none."""
    parts = _ORIGIN.fullmatch(origin)
    if parts is None:
        return None
    return _Origin(parts["scheme"], parts["host"].removesuffix("."), parts["port"] or _PORTS.get(parts["scheme"], ""))


def _is_same(origin: _Origin, scope: Scope) -> bool:
    # The scheme is not compared: behind a proxy that ends TLS the connection does not know which one the page used.
    authority = _AUTHORITY.fullmatch((header_of(scope, "host") or "").lower())
    return authority is not None and (origin.host, origin.port) == (
        authority["host"].removesuffix("."),
        authority["port"] or _PORTS.get(origin.scheme, ""),
    )


def _fits(origin: str, parsed: _Origin | None, pattern: str | re.Pattern[str] | _Origin, scope: Scope) -> bool:
    if isinstance(pattern, re.Pattern):
        return pattern.fullmatch(origin) is not None
    if parsed is None or pattern == ANY_ORIGIN:
        return pattern == ANY_ORIGIN
    if not isinstance(pattern, _Origin):
        return _is_same(parsed, scope)
    if pattern.scheme and (parsed.scheme, parsed.port) != (pattern.scheme, pattern.port):
        return False
    below = pattern.host.startswith(".") and parsed.host.endswith(pattern.host)
    return below or parsed.host == pattern.host.removeprefix(".")
