"""What every request passes before any route: how often, whose host, whose origin, and, at the window, whose key.

aiohttp checks neither Host nor Origin. A page that rebinds its DNS name to our address cannot send an IP literal as
Host, and no public DNS answers for `localhost` (RFC 6761) or `.local` (RFC 6762). Names below `localhost` are not ours:
not every resolver keeps them on this machine. An address with a zone is none that a client sends (RFC 6874, section 4).
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Collection
from functools import lru_cache, partial
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from lanchat.consumers.aiohttp import client_of
from lanchat.errors import (
    DoorError,
    ForeignHost,
    ForeignOrigin,
    GoingAway,
    LanchatError,
    MalformedRequest,
    NotOwner,
    SlowDown,
    Unauthorised,
)
from lanchat.web.proxies import NOBODY, Proxies

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OPENER = "Cross-Origin-Opener-Policy"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    _OPENER: "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Sent with every answer of both apps, but for one that plain http on the network has no use for. A handler may say
that its answer can be kept."""

_STATUS = {
    "foreign_host": 421,
    "foreign_origin": 403,
    "malformed_request": 400,
    "unauthorised": 401,
    "slow_down": 429,
    "going_away": 503,
}
SOCKETS = "/ws"
"""Where the paths of WebSockets begin, and no others."""
_IN_HOST = re.compile(r"[0-9A-Za-z.:\[\]-]{1,255}")
_HOSTS = 256
"""Most hosts that are judged once for all requests; there are as many as this machine has names and addresses."""


def guard(
    *,
    loopback: bool,
    own_names: Collection[str] = (),
    is_key: Callable[[str], bool] | None = None,
    public: Collection[str] = (),
    charge: Callable[[str], None] | None = None,
    proxies: Proxies = NOBODY,
    closed: Callable[[str], bool] = lambda _: False,
) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    """Return the outermost middleware of an app; `add_headers` belongs to it.

    Args:
        loopback: whether the app listens on loopback only, and so accepts only loopback's names.
        own_names: names under which the node itself is announced, as `lanchat-0123abcd.local`, or a proxy in front.
        is_key: returns whether a bearer is valid; None for an app that asks for none.
        public: paths, or beginnings of paths that end in `/`, that need no bearer.
        charge: counts a request of an address, and raises SlowDown when there were too many; None counts nothing.
        proxies: those in front of the app, who are believed for whom they speak.
        closed: returns whether nobody is let in any more at a path, because the node goes away.
    """
    is_ours = lru_cache(_HOSTS)(partial(host_is_ours, loopback=loopback, own_names=own_names))

    @web.middleware
    def middleware(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
        path = request.rel_url.path  # as `request.path`, which the request would keep once more
        try:
            scheme = proxies.look(request)
            if charge is not None:
                charge(client_of(request))
            _check_host(request, is_ours)
            _check_origin(request, scheme)
            _check_body(request)
            if is_key is not None and not _is_public(path, public) and not is_key(bearer(request)):
                raise Unauthorised
            if closed(path):
                raise GoingAway
        except (DoorError, SlowDown) as error:
            return _turned_away(error)
        # An open WebSocket would keep a coroutine of ours, and answers for itself.
        return handler(request) if path.startswith(SOCKETS) else _answered(handler, request)

    return middleware


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers of every answer; an app calls it when it prepares one."""
    if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        # What may be kept says so itself; an error about it may not be kept.
        kept = response.headers.get(hdrs.CACHE_CONTROL) if response.status < HTTPStatus.BAD_REQUEST else None
        response.headers.update(SECURITY_HEADERS)
        if kept is not None:
            response.headers[hdrs.CACHE_CONTROL] = kept
        if not request.secure and not host_is_ours(request.headers.get(hdrs.HOST, ""), loopback=True):
            # Browsers look at it where they trust the address only, and complain elsewhere.
            del response.headers[_OPENER]


def refusal(error: LanchatError, status: int) -> web.Response:
    """Return the answer with the reason."""
    return web.json_response({"code": error.code, "message": str(error)}, status=status)


def bearer(request: web.Request) -> str:
    """Return the token of the Authorization header (RFC 6750); empty when there is none."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def host_is_ours(host: str, *, loopback: bool, own_names: Collection[str] = ()) -> bool:
    """Return whether a Host header (RFC 9110, section 7.2) names this app, and could not come from a rebound name."""
    if not _IN_HOST.fullmatch(host):
        return False
    try:
        parts = urlsplit(f"//{host}")
        name, _port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return not loopback and name in own_names
    return address.is_loopback if loopback else not address.is_unspecified


async def _answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except (DoorError, NotOwner) as error:
        return await _turned_away(error)


async def _turned_away(error: LanchatError) -> web.StreamResponse:
    response = refusal(error, _STATUS.get(error.code, 403))
    if isinstance(error, SlowDown | GoingAway):
        response.force_close()
    if isinstance(error, GoingAway):
        response.headers[hdrs.RETRY_AFTER] = "0"
    return response


def _check_host(request: web.Request, is_ours: Callable[[str], bool]) -> None:
    hosts = request.headers.getall(hdrs.HOST, [])
    named = request.host  # a request line with a whole URL names one too
    if len(hosts) != 1 or not is_ours(named) or (hosts[0] != named and not is_ours(hosts[0])):
        raise ForeignHost


def _check_origin(request: web.Request, scheme: str) -> None:
    origins = request.headers.getall(hdrs.ORIGIN, [])
    if len(origins) > 1 or (origins and origins[0] != f"{scheme}://{request.headers[hdrs.HOST]}"):
        raise ForeignOrigin


def _check_body(request: web.Request) -> None:
    coding = request.headers.get(hdrs.CONTENT_ENCODING)
    if coding is not None and coding.strip().lower() != "identity":
        raise MalformedRequest("Send the body as it is, without a Content-Encoding.")


def _is_public(path: str, public: Collection[str]) -> bool:
    return any(
        path == allowed or (allowed != "/" and allowed.endswith("/") and path.startswith(allowed)) for allowed in public
    )
