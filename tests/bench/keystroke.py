"""From the key that one person presses to the frame in which another's window shows the message."""

import contextlib
import shutil
import statistics
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.product import product
from tests.bench.programs import Program, running
from tests.bench.rows import BenchFailed, Row, against, plain

NAME = "keystroke"
MOST = 60.0
"""Milliseconds that 95 of 100 messages may take at most."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_WARM_UP = 5

_NOTE_KEYS = """() => addEventListener("keydown", (event) => {
  if (event.key === "Enter") window.pressed = performance.timeOrigin + event.timeStamp;
}, { capture: true })"""

# The frame that a callback of requestAnimationFrame belongs to is painted right after it, before the next task.
_NOTE_PAINT = """(text) => {
  window.painted = new Promise((done) => {
    const list = document.querySelector("[data-testid=messages]");
    const observer = new MutationObserver(() => {
      if (!list.textContent.includes(text)) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.timeOrigin + performance.now());
        port2.postMessage(0);
      });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}"""


def measure(*, quick: bool = False, samples: int | None = None) -> list[Row]:
    """A window and a guest of one node, in two contexts of one Chromium; in turn with the echo page."""
    samples = samples or (20 if quick else 100)
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(chromium())
        ours, theirs = [
            stack.enter_context(two_pages(browser, stack.enter_context(server)))
            for server in (product(), running("tests.bench.echo"))
        ]
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(-_WARM_UP, samples):
            for (writer, reader), times in zip((ours, theirs), taken, strict=True):
                _, time = both_times(writer, reader, f"message {number:+05d} of the bench")
                if number >= 0:
                    times.append(time)
    slowest = [statistics.quantiles(times, n=20)[-1] for times in taken]
    return [
        against(NAME, "median", taken[0], "ms", peer="an echo page", peers=taken[1]),
        plain(NAME, "median of the echo page", taken[1], "ms"),
        plain(NAME, "95 of 100", [slowest[0]], "ms", most=MOST),
        plain(NAME, "95 of 100 of the echo page", [slowest[1]], "ms"),
    ]


def chromium_path() -> str:
    """Return where Chromium is. Raises BenchFailed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise BenchFailed("There is no Chromium; install the package chromium.")
    return path


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium without a screen until the end of the block."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def two_pages(browser: Browser, program: Program) -> Iterator[tuple[Page, Page]]:
    """Open a window of a node, and a guest's page, until the end of the block."""
    with contextlib.ExitStack() as stack:
        pages = []
        for url in (program.ready["window"], program.ready["lan"]):
            context = stack.enter_context(contextlib.closing(browser.new_context()))
            page = context.new_page()
            page.goto(url)
            page.get_by_test_id("composer").wait_for()
            page.evaluate(_NOTE_KEYS)
            pages.append(page)
        yield pages[0], pages[1]


def both_times(writer: Page, reader: Page, text: str) -> tuple[float, float]:
    """Milliseconds from the key in one page to its own frame, and to the other's. All clocks are the machine's."""
    writer.get_by_test_id("composer").fill(text)
    for page in (writer, reader):
        page.evaluate(_NOTE_PAINT, text)
    writer.get_by_test_id("composer").press("Enter")
    theirs, own = (float(page.evaluate("() => window.painted")) for page in (reader, writer))
    pressed = float(writer.evaluate("() => window.pressed"))
    return own - pressed, theirs - pressed
