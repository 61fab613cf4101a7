"""What a page does while somebody uses it: its tasks, its frames, its elements, its memory."""

import contextlib
import statistics
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from tests.bench.rows import BenchFailed

_PATIENCE = 30_000
"""Milliseconds."""

# A task is noted by Chromium when it took more than 50 ms. Of a key, the time counts until the frame after it is
# painted: a callback of requestAnimationFrame belongs to that frame, and the next task comes after it.
_WATCH = """() => {
  const seen = window.seen = { longest: 0, frames: 0, elements: 0, typed: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: "longtask" });
  const all = document.getElementsByTagName("*");
  const count = () => {
    seen.frames += 1;
    seen.elements = Math.max(seen.elements, all.length);
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => seen.typed.push(performance.now() - timeStamp);
    port2.postMessage(0);
  }), { capture: true });
}"""
_CLEAR = "() => Object.assign(window.seen, { longest: 0, frames: 0, elements: 0, typed: [] })"

# From the key that follows until a message is in view, and that frame is painted.
_AWAIT = """(text) => {
  const list = document.querySelector("[data-testid=messages]");
  let pressed = 0;
  addEventListener("keydown", ({ timeStamp }) => (pressed = timeStamp), { capture: true, once: true });
  window.shown = new Promise((done, fail) => {
    setTimeout(() => fail(new Error(`It does not show ${text}`)), 30_000);
    const look = () => {
      const { top, bottom } = list.getBoundingClientRect();
      const there = [...list.querySelectorAll("[data-testid=message-text]")].some((line) => {
        const box = line.getBoundingClientRect();
        return line.textContent === text && box.top >= top && box.bottom <= bottom;
      });
      if (pressed === 0 || !there) return requestAnimationFrame(look);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now() - pressed);
      port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
}"""


class WatchedPage:
    """A page that is looked at while it is used."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._tools = page.context.new_cdp_session(page)
        self._tasks = _Tasks(page)
        page.evaluate(_WATCH)

    def see(self, what: str) -> Locator:
        """Return what the page calls by this test id."""
        return self.page.get_by_test_id(what)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def clear(self) -> None:
        """Begin to look anew."""
        self._tasks.begin()
        self.page.evaluate(_CLEAR)

    @property
    def longest(self) -> float:
        """Milliseconds of the longest task; 0 when none took more than 50."""
        return float(self.page.evaluate("() => window.seen.longest"))

    def busiest(self) -> float:
        """Milliseconds of processor time of the task that took most; call it once after each `clear`.

        Other programs make a task longer in wall time, and not in this.
        """
        return self._tasks.end()

    @property
    def frames(self) -> float:
        return float(self.page.evaluate("() => window.seen.frames"))

    @property
    def elements(self) -> float:
        """Most elements that the page had in any frame."""
        return float(self.page.evaluate("() => window.seen.elements"))

    @property
    def typed(self) -> float:
        """Milliseconds from a key to the frame that shows it, of 95 of 100 keys."""
        times: list[float] = self.page.evaluate("() => window.seen.typed")
        return statistics.quantiles(times, n=20)[-1]

    @property
    def heap(self) -> float:
        """Megabytes that the page's scripts hold, without what only waits to be collected."""
        self._tools.send("HeapProfiler.collectGarbage")
        return float(self._tools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    def until_shown(self, text: str, key: str) -> float:
        """Press a key; milliseconds until the frame that has a message of this text in view."""
        self.page.evaluate(_AWAIT, text)
        self.press(key)
        return float(self.page.evaluate("() => window.shown"))

    def first(self) -> int:
        """Seq of the first message that the page has."""
        return int(self.see("message").first.get_attribute("data-seq") or 0)

    def page_up_to(self, seq: int, most: int) -> int:
        """Press Page Up until the page has a message, at most so often; gives how often that was."""
        for pressed in range(most):
            if self.first() <= seq:
                return pressed
            self.press("PageUp")
        return most


class _Tasks:
    """The tasks of the page's main thread, as Chromium traces them."""

    def __init__(self, page: Page) -> None:
        browser = page.context.browser
        if browser is None:
            raise BenchFailed("The page has no browser that could be traced.")
        self._page = page
        self._tools = browser.new_browser_cdp_session()
        self._events: list[dict[str, Any]] = []
        self._ended = True
        self._tools.on("Tracing.dataCollected", lambda data: self._events.extend(data["value"]))
        self._tools.on("Tracing.tracingComplete", lambda _: setattr(self, "_ended", True))

    def begin(self) -> None:
        if not self._ended:
            self.end()
        self._events, self._ended = [], False
        config = {"includedCategories": ["toplevel"], "recordMode": "recordAsMuchAsPossible"}
        self._tools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})

    def end(self) -> float:
        self._tools.send("Tracing.end")
        while not self._ended:
            self._page.wait_for_timeout(20)
        main = {
            (event["pid"], event["tid"])
            for event in self._events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        times = [event.get("tdur", 0) for event in self._events if (event["pid"], event["tid"]) in main]
        return max(times, default=0) / 1000


@contextlib.contextmanager
def visiting(browser: Browser, url: str, room: str) -> Iterator[WatchedPage]:
    """Be a guest in a room, until the end of the block."""
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{url}?room={room.replace(' ', '%20')}")
        page.get_by_test_id("message").last.wait_for(timeout=_PATIENCE)
        if page.get_by_test_id("room-title").inner_text() != room:
            raise BenchFailed("The page shows another room.")
        yield WatchedPage(page)
