"""A page of another origin, and one whose name was rebound to this machine, can neither read nor write, on either app.

A real Chromium, whose name service leads strangers' names to 127.0.0.1. The same attack from our own page comes
through, which shows that it is one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, Route

from lanchat.rooms.room import VERIFICATIONS
from tests.page.conftest import FOREIGN, House
from tests.support.conditions import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLANK = "<!doctype html><title>x</title><body></body>"
READ = """async ([http, paths]) => {
  const said = {};
  for (const path of paths) {
    try {
      const answer = await fetch(http + path);
      said[path] = `${answer.status} ${(await answer.text()).slice(0, 300)}`;
    } catch (error) { said[path] = 'refused'; }
  }
  return said;
}"""
WRITE = """async ([http, paths]) => {
  const wait = (frame) => new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
  for (const path of paths) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json']) {
      const body = '{"token": "x"}';
      for (const mode of ['no-cors', 'cors']) {
        await fetch(http + path, { method: 'POST', mode, body, headers: { 'Content-Type': type } }).catch(() => 0);
      }
      if (type === 'application/json') continue;
      const frame = document.createElement('iframe');
      frame.name = 'target';
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: http + path, enctype: type, target: 'target' });
      const field = document.createElement('input');
      field.name = '{"token": "';
      field.value = '"}';
      form.append(field);
      document.body.append(form);
      const loaded = wait(frame);
      form.submit();
      await loaded;
      frame.remove();
    }
    navigator.sendBeacon(http + path, '{}');
  }
}"""
SOCKETS = """async ([ws, paths]) => {
  const said = {};
  for (const path of paths) {
    said[path] = await new Promise((done) => {
      const socket = new WebSocket(ws + path);
      socket.onopen = () => { socket.send('pwned'); done('open'); };
      socket.onerror = () => done('refused');
    });
  }
  return said;
}"""
ELEMENTS = """async ([http, icon, script]) => {
  const load = (element, path) => new Promise((done) => {
    element.onload = () => done('loaded');
    element.onerror = () => done('refused');
    element.src = http + path;
    document.body.append(element);
  });
  return [
    await load(document.createElement('img'), icon),
    await load(Object.assign(document.createElement('script'), { type: 'module' }), script),
    await load(document.createElement('script'), script),
  ];
}"""
FRAMED = """async ([http]) => {
  const frame = document.createElement('iframe');
  await new Promise((done) => { frame.onload = done; frame.src = http; document.body.append(frame); });
  try { return frame.contentDocument?.body?.textContent ?? 'closed'; } catch (error) { return 'closed'; }
}"""


@asynccontextmanager
async def page_of_another(browser: Browser, host: str = "evil.example") -> AsyncIterator[Page]:
    """A page that a stranger's server on this machine serves, under a stranger's name."""

    async def serve(request: web.Request) -> web.Response:
        return web.Response(text=BLANK, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    context = await browser.new_context()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        page = await context.new_page()
        await page.goto(f"http://{host}:{runner.addresses[0][1]}/")
        yield page
    finally:
        await context.close()
        await runner.cleanup()


@asynccontextmanager
async def page_under(browser: Browser, url: str, host: str) -> AsyncIterator[Page]:
    """A page that came from a stranger, and whose name and port are the app's by now: its own origin is ours."""
    origin = f"http://{host}:{url.rstrip('/').rpartition(':')[2]}"
    context = await browser.new_context()

    async def stranger(route: Route) -> None:
        await route.fulfill(body=BLANK, content_type="text/html")

    try:
        await context.route(f"{origin}/from-the-stranger", stranger)
        page = await context.new_page()
        await page.goto(f"{origin}/from-the-stranger")
        yield page
    finally:
        await context.close()


class Target:
    """An app, and what an attack on it may not change."""

    def __init__(self, house: House, app: str) -> None:
        self.server = house.server
        self.url = self.server.window_url if app == "window" else self.server.lan_url
        self.token = self.server.new_window_url().partition("#t=")[2]
        self.fronts: list[str] = []
        self.server.on_front = self._front
        self.rooms = {room.name for room in self.server.node.rooms}
        self.reads = ["", "api/node", "metrics", "stats", "token", "proof", "windows", "front", "jobs/x"]
        self.writes = ["token", "proof", "front", "jobs/x", ""]
        self.sockets = ["ws", "ws/room/pwned", "ws/chat"]

    def _front(self) -> bool:
        self.fronts.append("shown")
        return True

    def unchanged(self) -> None:
        node = self.server.node
        assert self.fronts == []
        assert {room.name for room in node.rooms} == self.rooms
        assert [room.top for room in node.rooms] == [0] * len(self.rooms)
        assert set(node.hub._groups) <= {VERIFICATIONS}
        assert self.server._keys.enter(self.token), "the token is still good"


async def evaluated(page: Page, script: str, http: str, what: list[str]) -> Any:
    return await page.evaluate(script, [http, what])


@pytest_asyncio.fixture(loop_scope="session", params=["window", "room"])
async def target(house: House, request: pytest.FixtureRequest) -> Target:
    """Each app in turn, once the first room is open."""
    await eventually(lambda: len(house.server.node.rooms))
    return Target(house, request.param)


async def test_a_page_of_another_origin_neither_reads_nor_writes(browser: Browser, target: Target) -> None:
    http, ws = target.url, target.url.replace("http", "ws")
    async with page_of_another(browser) as page:
        assert set((await evaluated(page, READ, http, target.reads)).values()) == {"refused"}
        assert set((await evaluated(page, SOCKETS, ws, target.sockets)).values()) == {"refused"}
        await evaluated(page, WRITE, http, target.writes)
        loaded = await page.evaluate(ELEMENTS, [http, "assets/icon.png", "assets/index.js"])
        assert loaded == ["refused"] * 3
        assert await page.evaluate(FRAMED, [http]) == "closed"
    target.unchanged()


@pytest.mark.parametrize("host", [*FOREIGN, "evil.localhost", "localhost.evil.localhost"])
async def test_a_page_whose_name_was_rebound_neither_reads_nor_writes(
    browser: Browser, target: Target, host: str
) -> None:
    async with page_under(browser, target.url, host) as page:
        http = (await page.evaluate("location.origin")) + "/"
        said = await evaluated(page, READ, http, target.reads)
        assert {answer[:3] for answer in said.values()} == {"421"}
        assert all("foreign_host" in answer for answer in said.values())
        assert set((await evaluated(page, SOCKETS, http.replace("http", "ws"), target.sockets)).values()) == {"refused"}
        await evaluated(page, WRITE, http, target.writes)
        assert await page.evaluate(ELEMENTS, [http, "assets/icon.png", "assets/index.js"]) == ["refused"] * 3
    target.unchanged()


async def test_the_same_attack_comes_through_from_our_own_page(browser: Browser, house: House) -> None:
    await eventually(lambda: len(house.server.node.rooms))
    target = Target(house, "room")
    async with page_under(browser, target.url, "127.0.0.1") as page:
        http = (await page.evaluate("location.origin")) + "/"
        said = await evaluated(page, READ, http, ["", "api/node"])
        assert [answer[:3] for answer in said.values()] == ["200", "200"]
        assert (await evaluated(page, SOCKETS, http.replace("http", "ws"), ["ws/room/pwned"])) == {
            "ws/room/pwned": "open"
        }
    await eventually(lambda: {room.name for room in house.server.node.rooms} - target.rooms == {"pwned"})
