"""How a browser comes in, how it knows the node again, and how it is signed out."""

import re
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import hdrs, web

from lanchat.errors import InvalidFrame, Unauthorised
from lanchat.web.guard import Handler, bearer, refusal
from lanchat.web.windows.keys import Keys

_BROWSERS = (
    ("QtWebEngine", "Lanchat's window"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("Mac OS X", "macOS"), ("Linux", "Linux"))
_NONCE = re.compile(r"[0-9a-f]{32}")


class _Entering(msgspec.Struct):
    token: str
    bearer: str = ""
    keep: bool = False


class _Asking(msgspec.Struct):
    id: str
    nonce: str


def routes(keys: Keys, signed_out: Callable[[], Awaitable[None]]) -> list[web.AbstractRouteDef]:
    """Return the routes by which windows come and go.

    Args:
        keys: who may use the app.
        signed_out: closes the connections of those who may not any more.
    """
    return [
        web.post("/token", _enter(keys)),
        web.post("/proof", _prove(keys)),
        web.get("/windows", _list(keys)),
        web.delete("/windows", _sign_out(keys, signed_out)),
        web.delete("/windows/{id}", _sign_out(keys, signed_out)),
    ]


def browser_name(agent: str) -> str:
    """Return what kind of browser says so of itself, as `Firefox on Linux`; empty when it is none of those known."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " on ".join(filter(None, (browser, system)))


def _enter(keys: Keys) -> Handler:
    async def enter(request: web.Request) -> web.StreamResponse:
        try:
            asked = msgspec.json.decode(await request.read(), type=_Entering)
        except msgspec.DecodeError:
            return refusal(InvalidFrame("Send a JSON object with the one-time token as `token`."), 400)
        name = browser_name(request.headers.get(hdrs.USER_AGENT, ""))
        bearer = keys.enter(asked.token, asked.bearer, name=name, keep=asked.keep)
        if bearer is None:
            raise Unauthorised
        return web.json_response({"bearer": bearer})

    return enter


def _prove(keys: Keys) -> Handler:
    async def prove(request: web.Request) -> web.StreamResponse:
        try:
            asked = msgspec.json.decode(await request.read(), type=_Asking)
        except msgspec.DecodeError:
            asked = _Asking("", "")
        if not _NONCE.fullmatch(asked.nonce):
            return refusal(InvalidFrame("Send a JSON object with `id`, and 32 hexadecimal digits as `nonce`."), 400)
        proof = keys.windows.prove(asked.id, asked.nonce)
        if proof is None:
            raise Unauthorised
        return web.json_response({"proof": proof})

    return prove


def _list(keys: Keys) -> Handler:
    async def windows(request: web.Request) -> web.StreamResponse:
        asking = bearer(request)
        return web.json_response(
            [
                {"id": known.id, "name": known.name, "since": known.since, "seen": known.seen, "kept": known.kept}
                | {"this": keys.windows.is_of(known, asking)}
                for known in keys.windows
            ]
        )

    return windows


def _sign_out(keys: Keys, signed_out: Callable[[], Awaitable[None]]) -> Handler:
    async def sign_out(request: web.Request) -> web.StreamResponse:
        window = request.match_info.get("id")
        count = keys.windows.sign_out(*([window] if window is not None else []))
        await signed_out()
        return web.json_response({"signed_out": count})

    return sign_out
