"""The built page, and what is shown when nobody has built it."""

from pathlib import Path

from aiohttp import web

from lanchat.web.guard import Handler

UI = Path(__file__).parent / "ui"
"""Directory of the built page."""

_MISSING = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Lanchat</title>"
    "<h1>The page was not built</h1><p>Run <code>make page</code>, then open this address again."
)


def routes(ui: Path = UI) -> list[web.AbstractRouteDef]:
    """Return the routes of the page: `/`, and the files that it names under `/assets/`."""
    return [web.get("/", _index(ui)), web.get("/assets/{name}", _asset(ui / "assets"))]


def _index(ui: Path) -> Handler:
    async def index(request: web.Request) -> web.StreamResponse:
        page = ui / "index.html"
        if not page.is_file():
            return web.Response(text=_MISSING, content_type="text/html", status=503)
        return web.FileResponse(page)

    return index


def _asset(assets: Path) -> Handler:
    files = {file.name: file for file in assets.iterdir() if file.is_file()} if assets.is_dir() else {}

    async def asset(request: web.Request) -> web.StreamResponse:
        file = files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return web.FileResponse(file)

    return asset
