"""The built page, sent as small as the browser takes it, and what is shown when nobody has built it."""

from collections.abc import Mapping
from pathlib import Path

from aiohttp import hdrs, web

from lanchat.web.guard import Handler

UI = Path(__file__).parent / "ui"
"""Directory of the built page."""

CODINGS = ("br", "gzip")
"""Content codings in which the page was built, the smaller one first; each has a folder of its name in the page's."""
IMMUTABLE = "public, max-age=31536000, immutable"
"""How long a file whose name has the hash of its content may be kept: for ever (RFC 8246)."""

_PLAIN = "identity"
_LEAST = 0.0005
"""What an identity that nobody named is worth: less than any weight that can be written (RFC 9110, section 12.4.2)."""

_MISSING = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Lanchat</title>"
    "<h1>The page was not built</h1><p>Run <code>make page</code>, then open this address again."
)


def routes(ui: Path = UI) -> list[web.AbstractRouteDef]:
    """Return the routes of the page: `/`, and the files that it names under `/assets/`."""
    return [web.get("/", _index(ui)), web.get("/assets/{name}", _asset(ui))]


def best_coding(accepted: str | None, offered: Mapping[str, Path]) -> str | None:
    """Return the content coding in which a file is sent; None when there is none that will do.

    Args:
        accepted: the Accept-Encoding header (RFC 9110, section 12.5.3); None when there is none.
        offered: the file in each coding in which it is there, the best one first.
    """
    weights = {} if accepted is None else dict(map(_weighted, accepted.split(",")))
    others = weights.get("*")
    weight = {coding: weights.get(coding, others or 0.0) for coding in offered}
    if _PLAIN not in weights and (others is None or others > 0):
        weight[_PLAIN] = others or _LEAST
    best = max(weight, key=weight.__getitem__)  # the first one of equals
    return best if weight[best] > 0 else None


def _weighted(item: str) -> tuple[str, float]:
    """Return a coding and its weight. What is no weight is taken for a refusal."""
    coding, _, parameter = item.partition(";")
    name, _, value = parameter.partition("=")
    weight = 1.0
    if parameter.strip():
        try:
            weight = float(value) if name.strip().lower() == "q" else 0.0
        except ValueError:
            weight = 0.0
    coding = coding.strip().lower()
    return coding.removeprefix("x-"), weight if 0 <= weight <= 1 else 0.0


def _index(ui: Path) -> Handler:
    async def index(request: web.Request) -> web.StreamResponse:
        files = _files(ui, "index.html")
        if not files:
            return web.Response(text=_MISSING, content_type="text/html", status=503)
        return _sent(request, files, {})

    return index


def _asset(ui: Path) -> Handler:
    plain = ui / "assets"
    names = [file.name for file in plain.iterdir() if file.is_file()] if plain.is_dir() else []
    files = {name: _files(ui, f"assets/{name}") for name in names}

    async def asset(request: web.Request) -> web.StreamResponse:
        found = files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return _sent(request, found, {hdrs.CACHE_CONTROL: IMMUTABLE})

    return asset


def _files(ui: Path, name: str) -> dict[str, Path]:
    """Return a file of the page in each coding in which it was built."""
    files = {coding: ui / coding / name for coding in CODINGS} | {_PLAIN: ui / name}
    return {coding: file for coding, file in files.items() if file.is_file()}


def _sent(request: web.Request, files: Mapping[str, Path], headers: Mapping[str, str]) -> web.StreamResponse:
    accepted = request.headers.getall(hdrs.ACCEPT_ENCODING, None)
    coding = best_coding(None if accepted is None else ",".join(accepted), files)
    if coding is None:
        raise web.HTTPNotAcceptable(headers={hdrs.VARY: hdrs.ACCEPT_ENCODING})
    response = web.FileResponse(files[coding], headers={**headers, hdrs.VARY: hdrs.ACCEPT_ENCODING})
    if coding != _PLAIN:
        response.headers[hdrs.CONTENT_ENCODING] = coding
    return response
